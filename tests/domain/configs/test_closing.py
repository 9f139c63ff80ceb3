"""Texts that broke off, by their own form; texts too thin to be a configuration; and small ones that are whole."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.configs.proof import document_flaw, flaw_of
from domain.failures import FailureKind
from runners.platforms.reading import load_platforms
from tests.domain.configs.test_proof import configuration, in_the_middle, judged

PLATFORMS = load_platforms()
BLOCK_ENDS = {"juniper_junos": "}", "fortinet_fortios": "end"}
FORTI = (
    "config system global\n    set hostname lab-4\nend\nconfig system admin\n    edit ops\n        set accprofile x\n"
)

SMALL = {
    "cisco_ios": "version 12.1\nno service pad\nhostname lab-3\n!\nip subnet-zero\ninterface Vlan1\n no ip address\n!\n"
    "line con 0\nline vty 5 15\n!\nend\n",
    "cisco_nxos": "version 7.0(3)I7(9)\nhostname lab-3\nvdc lab-3 id 1\n  limit-resource vlan minimum 16 maximum 4094\n"
    "username admin password 5 !  role network-admin\ninterface mgmt0\n  vrf member management\n",
    "arista_eos": "! device: lab-3 (vEOS, EOS-4.22.4M)\n!\ntransceiver qsfp default-mode 4x10G\n!\n"
    "spanning-tree mode mstp\n!\nno aaa root\n!\ninterface Ethernet1\n!\nno ip routing\n!\nend\n",
    "frr": "Building configuration...\n\nCurrent configuration:\n!\nfrr version 8.1\nfrr defaults traditional\n"
    "hostname lab-3\n!\nend\n",
    "juniper_junos": "version 18.4R1.8;\nsystem {\n    host-name lab-3;\n    root-authentication {\n"
    '        encrypted-password "x"; ## SECRET-DATA\n    }\n}\n',
    "mikrotik_routeros": "# jan/02/1970 00:00:16 by RouterOS 6.49\n# software id = \n#\n/ip dhcp-client\n"
    "add disabled=no interface=ether1\n/system identity\nset name=lab-3\n",
    "fortinet_fortios": f"#config-version=FGVM64-7.0\n{FORTI}    next\nend\nconfig system interface\nend\n",
    "vyos": "set interfaces loopback lo\nset service ssh\nset system host-name 'lab-3'\nset system syslog global\n",
}

# What shows one line that every configuration has, and little else.
THIN = [
    ("cisco_ios", "hostname lab-3\nend\n"),
    (
        "cisco_ios",
        "Building configuration...\n!\nversion 15.2\nhostname lab-3\n!\nboot-start-marker\nboot-end-marker\n!\nend\n",
    ),
    ("cisco_ios", "version 12.4\nhostname lab-3\ninterface Vlan1\nend\n"),
    ("cisco_nxos", "version 9.3(10)\nhostname lab-3\n"),
    ("cisco_nxos", "hostname lab-3\nfeature bgp\nfeature lacp\nfeature udld\nfeature ospf\n"),
    ("arista_eos", "! device: lab-3 (vEOS)\n!\nhostname lab-3\n!\nend\n"),
    ("arista_eos", "hostname lab-3\ninterface Ethernet1\nend\n"),
    ("frr", "frr version 9.1\nend\n"),
    ("frr", "frr version 9.1\nfrr defaults datacenter\n!\nend\n"),
    ("juniper_junos", "version 21.4R3;\nsystem {\n}\n"),
    ("juniper_junos", "system {\n    host-name lab-3;\n}\n"),
    (
        "mikrotik_routeros",
        "# 2026-11-02 03:04:05 by RouterOS 7.16\n# software id = A\n/ip dns\nset servers=192.0.2.1\n",
    ),
    ("fortinet_fortios", "config system global\n    set hostname lab-4\nend\n"),
    ("fortinet_fortios", "config system global\nend\nconfig system dns\nend\n"),
    ("vyos", "set system host-name 'lab-3'\nset system login user a\nset system syslog\nset system console\n"),
    ("vyos", "set interfaces loopback lo\nset system host-name 'lab-3'\n"),
]

# Broken off, and yet with an end mark or a last line like any other.
TORN = [
    ("fortinet_fortios", 'config system replacemsg mail "a"\n    set buffer "<p>first\nend\n'),
    ("fortinet_fortios", 'config system x\n    set buffer "a \\"b\\"\nCommand fail. Return code -3\nend\n'),
    ("fortinet_fortios", "config x\n    edit 4\n        config y\n        end\nend\nconfig z\n    config a\n    end\n"),
    ("juniper_junos", "protocols {\n    lldp {\n        interface all;\n}\n"),
    ("juniper_junos", 'snmp {\n    location "hall 3;\n}\n'),
    ("juniper_junos", "/* not yet { done\nsnmp {\n    location x;\n}\n"),
    ("mikrotik_routeros", "/ip firewall filter\nadd action=accept chain=input \\\n"),
    ("mikrotik_routeros", '/system script\nadd name=a source="/log info \\"x\\"\\\n    \\r\\\n    \\n:delay 1\n'),
    ("vyos", "set service snmp location 'hall"),
    ("vyos", "set system login banner post-login '"),
    ("cisco_nxos", "banner motd @\nkeep out\ninterface mgmt0\n"),
    ("cisco_ios", "banner login ^C\nkeep out\nend\n"),
    ("arista_eos", "banner motd\nkeep out\nend\n"),
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(SMALL))
def test_smallest_configuration_of_a_real_device_is_believed(name: str) -> None:
    assert judged(SMALL[name], name) is None


@pytest.mark.parametrize(("name", "text"), THIN)
def test_line_that_every_configuration_has_proves_nothing_alone(name: str, text: str) -> None:
    assert judged(text, name) in {FailureKind.COMMAND_REJECTED, FailureKind.INCOMPLETE}


@pytest.mark.parametrize(("name", "rest"), TORN)
def test_text_that_breaks_off_within_what_it_began_is_incomplete(name: str, rest: str) -> None:
    whole = configuration(name)

    assert judged(f"{whole}{rest}", name) is FailureKind.INCOMPLETE


@pytest.mark.parametrize("name", sorted(BLOCK_ENDS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_cut_within_a_block_is_seen_wherever_it_falls(name: str, data: st.DataObject) -> None:
    lines = configuration(name).splitlines(keepends=True)
    mark = BLOCK_ENDS[name]
    inside = [at for at in range(1, len(lines)) if lines[at][:1].isspace() or lines[at] == f"{mark}\n"]
    at = data.draw(st.sampled_from(inside))

    assert judged("".join(lines[:at]), name)


@pytest.mark.parametrize("name", sorted(BLOCK_ENDS))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_lost_beginning_of_a_block_is_seen(name: str, data: st.DataObject) -> None:
    lines = configuration(name).splitlines(keepends=True)
    opened = [at for at, line in enumerate(lines) if line.endswith("{\n") or line.startswith("config ")]
    at = data.draw(st.sampled_from(opened))

    assert judged("".join(lines[:at] + lines[at + 1 :]), name)


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("juniper_junos", '/* racks 19" { wide } and {{ deep */\nsnmp {\n    location "a { b";\n}'),
        ("juniper_junos", '## it\'s "half { done\npolicy-options {\n    as-path x "65000{2}[";\n}'),
        (
            "fortinet_fortios",
            'config system x\n    set comment \'said "yes\'\n    set buffer "a\nend\nconfig y\n\\"z\\\\"\nend',
        ),
        ("fortinet_fortios", "config vdom\nedit root\nconfig system dns\nend\nend"),
        ("mikrotik_routeros", '/system script\nadd name=b source="a\\\n    \\"b\\\\"\n# ether1 "half'),
        ("vyos", "set system login banner pre-login 'it\\'s'"),
        ("cisco_ios", "banner exec ^C\nbanner motd #\n^C"),
        ("cisco_ios", "banner motd ^Ckeep out^C"),
        ("cisco_nxos", "banner motd @keep out@"),
        ("arista_eos", "banner login\nkeep out\nbanner motd x\nEOF"),
        ("arista_eos", "banner motd\nEOF"),
    ],
)
def test_what_people_write_opens_nothing(name: str, block: str) -> None:
    assert judged(in_the_middle(configuration(name), block), name) is None


DOCUMENTS = [
    json.dumps({"listen": [1, {"a": 'say "x" {'}], "path": "C:\\"}, indent=2),
    '[\n  {"a": 1},\n  {"b": [2]}\n]\n',
    '{"a": 1}\n{"b": "}"}\n',
    '{\n  // written by hand: 19" {\n  "a": 1\n}\n',
    '<?xml version="1.0"?>\n<!-- <domain> -->\n<domain type="kvm">\n  <name>a</name><![CDATA[<domain>]]>\n</domain>\n',
    "<config>\n  <config>\n    <a/>\n  </config>\n  <config/>\n</config>\n",
    "<IfModule ssl>\n  <Directory />\n  </Directory>\n</IfModule>\n<IfModule other>\n</IfModule>\n",
    "-----BEGIN CERTIFICATE-----\nbWFkZVVw\n-----END CERTIFICATE-----\n",
]


@pytest.mark.parametrize("text", DOCUMENTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_document_of_a_server_is_whole_or_refused_wherever_it_is_cut(text: str, data: st.DataObject) -> None:
    first = text.partition("\n")[0]
    at = data.draw(st.integers(len(first) + 2, len(text.rstrip()) - 1))

    assert document_flaw(text.encode()) is None
    assert document_flaw(text.replace("\n", "\r\n").encode()) is None
    torn = document_flaw(text[:at].encode())
    assert torn or _is_whole(text[:at])
    assert torn is None or torn.kind is FailureKind.INCOMPLETE


def _is_whole(text: str) -> bool:
    """Whether a cut fell behind a whole document: some files hold several."""
    if text.startswith("<IfModule"):
        return text.rstrip().endswith(">") and text.count("<IfModule") == text.count("</IfModule>")
    return text.strip().endswith(("}", "]")) and all(json.loads(line) for line in text.strip().splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "[main]\nplugins=keyfile\nname={\n",
        '[[inputs.cpu]]\n  percpu = true\n  note = "it is {"\n',
        "# { not JSON\nserver {\n",
        "<Directory />\n  Require all denied\n</Directory>\n<Directory /srv/www/>\n</Directory>\n",
        '<port number="7"/>\n',
        "<admin@example.net> is asked\n",
        "{{ template }}\nkey: [\n",
        "a < b and <c>\n",
        "openssl <<X\n -----BEGIN CERTIFICATE-----\nX\n",
        "",
    ],
)
def test_file_of_another_kind_is_not_taken_for_a_document(text: str) -> None:
    assert document_flaw(text.encode()) is None


def test_document_of_any_platform_is_looked_through() -> None:
    whole = configuration("juniper_junos")

    assert flaw_of(f"<rpc-reply>\n{whole}</rpc-reply>\n{whole}".encode(), PLATFORMS["juniper_junos"]) is None
    assert flaw_of(f"<rpc-reply>\n{whole}".encode(), PLATFORMS["juniper_junos"])


@pytest.mark.parametrize(
    "piece", ['"', '"a" ', "\\", "{", "\nconfig x", "\nbanner motd ^C\n", "<a ", "<!--", '{"', "\n/*", "'"]
)
@pytest.mark.parametrize("name", sorted(BLOCK_ENDS | {"cisco_ios": "", "mikrotik_routeros": ""}))
def test_hostile_text_is_walked_through_once(piece: str, name: str) -> None:
    text = piece * (400_000 // len(piece))

    flaw_of(f"{configuration(name)}{text}\n{BLOCK_ENDS.get(name, 'end')}\n".encode(), PLATFORMS[name])
    document_flaw(text.encode())
