"""What people read: a plan, its changes and its explanation, in the words of each reader."""
