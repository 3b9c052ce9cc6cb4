"""What a service over HTTP is made of, whatever it serves: arrival, doors, faults, metrics, the process."""
