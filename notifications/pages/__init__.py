"""What templates show, made ready so that they decide nothing."""
