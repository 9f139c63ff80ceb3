"""Configurations of Juniper Junos."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from demo.fleet.configs.style import Moment, Style, description, fill, salted

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

_VLAN = "    VLAN-{n} {{\n        vlan-id {n};\n    }}\n"


def _junos(dice: random.Random, lines: int, hostname: str) -> str:
    head, tail = _system(dice, hostname), _rest(dice)
    room = lines - head.count("\n") - tail.count("\n")
    return head + fill(_ports(dice), lines=room) + tail


def _system(dice: random.Random, hostname: str) -> str:
    """What stands before the interfaces."""
    return f"""\
version 21.4R3.15;
system {{
    host-name {hostname};
    root-authentication {{
        encrypted-password "$6${salted(dice, 8)}${salted(dice, 60)}"; ## SECRET-DATA
    }}
    login {{
        user backup {{
            uid 2001;
            class super-user;
            authentication {{
                encrypted-password "$6${salted(dice, 8)}${salted(dice, 60)}"; ## SECRET-DATA
            }}
        }}
    }}
    radius-server {{
        192.0.2.60 secret "$9${salted(dice, 20)}"; ## SECRET-DATA
    }}
    services {{
        ssh;
        netconf {{
            ssh;
        }}
    }}
}}
interfaces {{
"""


def _rest(dice: random.Random) -> str:
    """What stands behind the interfaces."""
    return f"""\
}}
snmp {{
    community {salted(dice, 12)} {{
        authorization read-only;
    }}
}}
protocols {{
    bgp {{
        group upstream {{
            authentication-key "$9${salted(dice, 24)}"; ## SECRET-DATA
            peer-as 65020;
            neighbor 192.0.2.1;
        }}
    }}
}}
vlans {{
    office {{
        vlan-id 10;
    }}
}}
"""


def _ports(dice: random.Random) -> Iterator[str]:
    for number in count():
        yield f"""\
    ge-0/0/{number} {{
        description "{description(dice)}";
        unit 0 {{
            family inet {{
                address 10.{dice.randint(0, 255)}.{number % 256}.1/24;
            }}
        }}
    }}
"""


def _dress(body: bytes, now: Moment, changed: Moment, _hostname: str) -> bytes:
    return f"## Last commit: {now.at:%Y-%m-%d %H:%M:%S} UTC by {changed.by}\n".encode() + body


STYLES = {
    "juniper_junos": Style(
        _junos,
        _dress,
        _VLAN,
        b"    office {",
        re.compile(rb'^( +description ").*?(";\r?\n)', re.MULTILINE),
        re.compile(rb'^( +authentication-key "\$9\$)[^"]+', re.MULTILINE),
    )
}
