"""Planted bugs of the metrics that judge a generative model."""

BUGS = ()
