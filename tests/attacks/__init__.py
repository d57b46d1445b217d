"""Hostile submissions, each really run in the sandbox: what they try, and what must hold.

Never import or run one of the sources outside it: they would harm the machine.
"""
