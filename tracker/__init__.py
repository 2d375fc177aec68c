"""Đôn Đốc: gets every indicator of a digital-transformation index answered, with proof, before the deadline."""
