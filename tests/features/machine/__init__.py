"""What happens to the machine under a real ``serve``: its clock is set, what it needs is away, its disk is full."""
