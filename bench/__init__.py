"""Side-by-side measurements of speed: chainrule and its peers on one machine, in one run, in turn."""
