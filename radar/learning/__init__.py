"""What the radar learns from orders as they go: how long they still need, and how likely they are to be late.

One model an order type, learned online with standard library and numpy alone. ``docs/prediction.md`` tells how it
works, what it scores and what bounds it; each module here is one of its parts.
"""
