"""Renders photograph-like pictures of six kinds of vessels at sea.

Only `scene`, `surfaces` and `shading` import `bpy`; the plan, the shapes and the film need numpy
and Pillow alone, so that tests can look at them.
"""
