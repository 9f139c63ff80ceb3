"""What the general net leaves readable: words of the configuration's own language, names and public things.

Everything here is an exemption, and each one a place where a secret could hide: it holds as narrowly as it can.
All texts are in lower case.
"""

from __future__ import annotations

import re
from typing import Final

_SWITCHES = """
    yes no true false on off none null nil enable enabled disable disabled auto never always required optional files
    compat
"""
_SYNTAX = """
    chain generate zeroize export import storage id key-id key-chain keychain chain-name config-key management exchange
    derivation server-id lifetime size length bits receive-lifetime accept-lifetime send-lifetime send-id recv-id
    cryptographic-algorithm rollover usage-keys label modulus rsa mypubkey pubkey-chain address hostname

    encryption recovery strength-check strength min-length minimum-length policy aging history expire expiration
    program chat sync complexity option fallback

    requisite sufficient include substack read write notify context access match plain login local group radius
    tacacs+ ldap pre-share pre-shared-key pre-shared-keys authentication-key

    add set remove print find edit show profile common server-group secret-data permissions

    required. required, incorrect invalid expired must will cannot can may and or for of the to
"""
_TELLING = "password passphrase secret key token psk cak ckn encryption-key"
_WELL_KNOWN = """
    none internet local-as no-advertise no-export no-peer graceful-shutdown accept-own blackhole delete replace
    new-format members community-list large
"""

# The value says that something is on or off, or where it is looked up; also behind "=" and ":".
_IS_SWITCH: Final = frozenset(_SWITCHES.split())

# What follows such a word without being its value: of keys, of passwords, of PAM, SNMPv3 and ways to log in, of menus,
# and of sentences: "key chain LAN", "password encryption aes", "auth required pam_unix.so", "password expired".
_IS_SYNTAX: Final = frozenset(_SYNTAX.split())

# A telling word of its own, if more follows: "sha1 passphrase 7 ...".
_IS_TELLING: Final = frozenset(_TELLING.split())

# What routing calls a community.
_IS_WELL_KNOWN: Final = frozenset(_WELL_KNOWN.split())

_ALGORITHM = (
    r"(?:rsa|dsa|dss|ecdsa|hmac|aes|des|3des|sha|md5|umac|esp|ah)\d{0,3}"
    r"(?:[-/@.](?:\d{1,3}|sha[123]?|md5|etm|openssh|com|cbc|gcm|ctr|cmac|hmac|nistp\d{3}|v\d\d))*"
)
_NO_SECRET = re.compile(
    r"""
      aaaa(?:b3nza|c3nza|e2vjz|inz)[a-z0-9+/=]*  # public keys of SSH, and their kinds
    | (?:sk-)?(?:ssh-(?:rsa|dss|ed25519|ed448)|ecdsa-sha2-nistp\d{3})(?:[-@][a-z0-9.-]*)?
    | /(?:etc|usr|var|opt|home|root|run|srv|mnt|config|flash|boot|tmp|dev|proc|sys|bin|sbin)/[^\s@]*  # files
    | (?:flash|bootflash|nvram|file):[/\w][\w./-]*
    | \$\{\w+\}? | \{\{.*  # a variable of a template
    | _ALGORITHM_(?:,_ALGORITHM_)*
    | \[(?:success|default|authinfo_unavail|user_unknown)=\S*  # what PAM does next
    | [({\[|>!\\;,*]+  # something begins here
    """.replace("_ALGORITHM_", _ALGORITHM),
    re.VERBOSE,
)

_COMMUNITY = re.compile(
    r"\d{1,10}(?::\d{1,10}){1,2}|\d{1,10}|\$\w+|[({\[\"]|a(?:dditive|dd)|both|extended|standard|large"
)
_ROUTING: Final = ("match ", "from ", "bgp ", "policy-options ", "send-", "set-", "match-", "ext", "large-", "-list ")

_PUBLIC: Final = (
    *("public", "public-", "public_", "public ", "pub", "pub-", "pub_", "authorized_", "authorized-"),
    *("mon", "tur", "don", "hoc", "joc", "whis", "hus"),  # ...key: no word of a configuration
)
_NAMES: Final = ("password", "passwd", "passphrase", "secret", "key", "token", "psk", "community")
_HOST = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_NUMBER: Final = 3  # digits: a longer number alone behind "key" may be a secret
_TIME_SERVERS: Final = ("ntp ", "sntp ", "set ntp ", "server ", "peer ", "pool ")
_NOT_AT_ALL: Final = ("no",)  # nopassword, noauth, NOPASSWD


def is_public(kind: str, before: str) -> bool:
    """Whether no secret follows the word of ``kind``, by what stands right ``before`` it."""
    if "-----begin " in before or "-----end " in before:
        return True
    if kind.startswith("key"):
        return before.endswith(_PUBLIC)
    if kind == "community":
        return before.endswith(_ROUTING)
    return before.endswith(_NOT_AT_ALL) and not before[-3:-2].isalnum()


def is_readable(kind: str, value: str, before: str, after: str, *, certain: bool) -> bool:
    """Whether ``value``, behind a word of ``kind``, is known to be no secret.

    Args:
        kind: the telling word.
        value: what follows it.
        before: what stands before the word on its line.
        after: what stands behind the value.
        certain: quotes, a sign or a type say that a value follows, so that a word of the language is one too.
    """
    if value in _IS_SWITCH or _NO_SECRET.fullmatch(value):
        return True
    if kind == "key" and _names_a_secret(value, after):
        return True
    if (
        kind == "community"
        and "snmp" not in before
        and (value in _IS_WELL_KNOWN or _is_of_routing(value, before, after))
    ):
        return True
    if certain:
        return False
    if value in _IS_TELLING and after.strip():
        return True
    return value in _IS_SYNTAX or _counts_keys(kind, value, before, after) or _is_name(kind, value, after)


def _names_a_secret(value: str, after: str) -> bool:
    """Whether the key is a name and the secret comes later: key="db.password">..., key "lan" {."""
    return after.startswith((" {", " value=", " content=")) or (after.startswith(">") and value.endswith(_NAMES))


def _counts_keys(kind: str, value: str, before: str, after: str) -> bool:
    """Whether ``value`` is the number of a key: alone on its line, "ntp server 192.0.2.1 key 3", "trusted-key 3"."""
    if kind != "key" or not value.isdigit() or after.lstrip().startswith(("md5", "sha")):
        return False
    if not before.strip():
        return len(value) <= _NUMBER
    return before.endswith(("trusted-", "request-", "control-")) or before.lstrip().startswith(_TIME_SERVERS)


def _is_of_routing(value: str, before: str, after: str) -> bool:
    """A BGP community: its number, or a name that is being defined or set."""
    if after.startswith((" members", " add", " delete")):
        return True
    return bool(_COMMUNITY.fullmatch(value)) and (":" in value or before.endswith(("set ", "add ")))


def _is_name(kind: str, value: str, after: str) -> bool:
    """Whether it says whose secret follows: "psk LAB secret ...", "password 192.0.2.1 7 ..."."""
    if kind in {"psk", "secret", "key"} and after.startswith((" secret ", " key ", " id ", " version ")):
        return True
    return bool(_HOST.fullmatch(value) and after.strip())
