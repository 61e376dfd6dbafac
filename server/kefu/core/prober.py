"""Who asks when a deployment proves the branches of an app."""

PROBER = "kefu-deploy"
"""A user id that no customer has. Its turns are answered like a customer's and leave nothing: no record, no hit of a
rule, no hand-off that waits for people."""
