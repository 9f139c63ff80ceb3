"""What encloses lines of the samples that are hard to place: written by hand, as an engineer reads them."""

from __future__ import annotations

from tests.domain.configs.structure.samples import (
    EOS,
    FILES,
    FORTIOS,
    FRR,
    IOS,
    JUNOS,
    JUNOS_SET,
    NXOS,
    ROUTEROS,
    VYOS_BRACES,
    VYOS_SET,
)

# By platform, or by structure where only a platform file of the user's own names it: a piece of a line, its heading.
HEADINGS: dict[str, tuple[str, dict[str, str]]] = {
    "cisco_ios": (
        IOS,
        {
            "hostname edge": "",
            "description to the lab": "interface GigabitEthernet0/1",
            "service-policy": "interface GigabitEthernet0/2",
            "police cir": "policy-map QOS › class VOICE › priority percent 20",
            "fair-queue": "policy-map QOS › class class-default",
            "neighbor 192.0.2.9": "router bgp 65010",
            "redistribute": "router bgp 65010 › address-family ipv4 vrf BLUE",
            "exit-address-family": "router bgp 65010",
            "ip route": "",
            "30820222": "crypto pki certificate chain LAB › certificate self-signed 01",
            "interface of the law": "banner motd ^C",
            "no trespassing": "banner motd ^C",
            "banner exec": "",
            "transport input": "line vty 0 4",
        },
    ),
    "arista_eos": (
        EOS,
        {
            "sflow enable": "interface Ethernet7",
            "router of nobody": "banner login",
            "   keep out": "banner login",
            "rd 65030": "router bgp 65030 › vrf GREEN",
            "activate": "router bgp 65030 › vrf GREEN › address-family ipv6",
        },
    ),
    "cisco_nxos": (
        NXOS,
        {
            "keep out": "banner motd ^Cvlan of nobody",
            "limit-resource": "vdc spine-1 id 1",
            "no shutdown": "interface Ethernet1/9",
            "default-cost": "router ospf 9 › vrf RED",
            "boot nxos": "",
        },
    ),
    "juniper_junos": (
        JUNOS,
        {
            "version": "",
            "before you change": "system",
            "ssh;": "system › services",
            "braces { in a text": "interfaces › ge-0/0/3",
            "address 192": "interfaces › ge-0/0/3 › unit 7 › family inet",
            "family inet6": "interfaces › ge-0/0/3 › unit 7",
            "disable": "interfaces › inactive: ge-0/0/4",
            "192.0.2.0/24": "policy-options › prefix-list LAB",
        },
    ),
    "fortinet_fortios": (
        FORTIOS,
        {
            "set hostname": "config system global",
            "set ip 192": 'config system interface › edit "port5"',
            "ip6-mode": 'config system interface › edit "port5" › config ipv6',
            "edit 2001": 'config system interface › edit "port5" › config ipv6 › config ip6-extra-addr',
            "ip6-allowaccess": 'config system interface › edit "port5" › config ipv6',
            "set mtu": 'config system interface › edit "port5"',
            "set status": 'config system interface › edit "port6"',
            "edit it": 'config system replacemsg auth "login" › set buffer "<html>',
            "set format": 'config system replacemsg auth "login"',
            "set subnet": 'config firewall address › edit "lab"',
            "set action": "config firewall policy › edit 7",
        },
    ),
    "mikrotik_routeros": (
        ROUTEROS,
        {
            "name=bridge7": "/interface bridge",
            "chain=input": "/ip firewall filter",
            "in-interface": "/ip firewall filter › add action=drop chain=forward \\",
            "192.0.2.77": "/ip address",
            "name=rt-7": "/system identity",
            "/system identity": "",
        },
    ),
    "vyos": (
        VYOS_SET,
        {
            "192.0.2.97": "interfaces ethernet eth3",
            "lab to floor": "interfaces ethernet eth3 vif 30",
            "lab to roof": "interfaces ethernet eth3 vif",
            "loopback": "interfaces",
            "ssh port": "",
            "full-name": "system login user lab",
        },
    ),
    "braces": (
        VYOS_BRACES,
        {
            "192.0.2.97": "interfaces › ethernet eth3",
            "lab { floor": "interfaces › ethernet eth3 › vif 30",
            "loopback": "interfaces",
            "port 22": "service › ssh",
        },
    ),
    "set_lines": (
        JUNOS_SET,
        {
            "version": "",
            "host-name": "system",
            "192.0.2.33": "interfaces ge-0/0/3 unit 7 family",
            "inet6": "interfaces ge-0/0/3 unit 7 family",
            "deactivate": "interfaces ge-0/0/3 unit",
            "1a2b": "snmp community",
            "row 7": "snmp",
        },
    ),
    "linux": (
        FILES,
        {
            "iface eth7": "/etc/network/interfaces",
            "192.0.2.161": "/etc/network/interfaces › iface eth7 inet static",
            "mtu": "/etc/network/interfaces › iface eth7 inet static",
            "iburst": "/etc/chrony.conf",
            "eth8": "/etc/systemd/network/10-lab.network › [Match]",
            "[Network]": "/etc/systemd/network/10-lab.network",
            "192.0.2.177": "/etc/systemd/network/10-lab.network › [Network]",
            "ip_forward": "sysctl -a",
        },
    ),
    "frr": (
        FRR,
        {
            "192.0.2.193": "interface eth8",
            "remote-as": "router bgp 65040",
            "activate": "router bgp 65040 › address-family ipv6 unicast",
        },
    ),
    "flat": (IOS, {"police cir": "", "transport input": ""}),
}
