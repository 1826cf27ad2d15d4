"""Planted bugs of transport, Lipschitz constants and the counting of modes."""

BUGS = ()
