"""Việc đang chạy: what takes longer than a request, done by the scheduler's processes, seen and found again by who asked."""
