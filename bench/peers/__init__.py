"""What the agent is measured against: the least that asyncssh can do, and OpenSSH."""
