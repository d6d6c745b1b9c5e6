"""Imports a library and ends: `python import_only.py LIBRARY`."""

import sys
from importlib import import_module

import_module(sys.argv[1])
