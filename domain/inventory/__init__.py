"""What app.yaml declares: sites, agents, devices."""
