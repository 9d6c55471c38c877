"""Who acts until sign-in exists: the operating system's user."""

from __future__ import annotations

import getpass
import platform

from labmon.domain.actor import Actor


def operating_system_actor() -> Actor:
    """The person the operating system says is signed in, at this machine."""
    try:
        person = getpass.getuser()
    except (KeyError, OSError):  # a container's numeric user has no name
        person = "unknown user"
    return Actor(person=person, role="operating_system_user", workstation=platform.node() or "unknown workstation")
