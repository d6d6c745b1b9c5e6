"""The playground: a local page on which a network learns two columns of a table while a person changes it.

    points.py    the table as points in a plane
    session.py   the network, trained a little at a time, in a thread of its own
    server.py    the page and its events, on this machine only
    page.py      the page
"""

from .points import Points, read_points
from .server import Playground
from .session import ACTIVATIONS, OPTIMIZERS, Session, Settings

__all__ = ["ACTIVATIONS", "OPTIMIZERS", "Playground", "Points", "Session", "Settings", "read_points"]
