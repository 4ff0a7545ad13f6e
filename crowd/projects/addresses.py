"""Which addresses on the internet we connect to for a requester: public ones only, so that nobody reads our insides.

Ranges: the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its successors). Of IPv6 only global unicast
is reached at all; ranges that carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo) are refused whole.
"""

import ipaddress
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from django.conf import settings
from django.utils.translation import gettext as _

from crowd.projects.errors import FetchRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

CLOSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a provider's NAT
        "127.0.0.0/8",  # this machine
        "169.254.0.0/16",  # link-local, and the metadata service of many clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # mapped ::ffff:0:0/96 and NAT64 64:ff9b::/96 lie outside
WEB_PORTS = frozenset({80, 443})
FIRST_FREE_PORT = 1024


def is_open(text: str) -> bool:
    """Whether we connect to this IP address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if _in(address, allowed_networks()):
        return True
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return not _in(address, CLOSED)


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host, all of them open to us. Raises FetchRefused.

    One closed address among several refuses the host: it would be a matter of luck which one is taken. The caller
    connects to what this returns and asks no name server again, or the answer might be another one by then.
    """
    if port < FIRST_FREE_PORT and port not in WEB_PORTS:
        raise FetchRefused(_("Port %(port)s is not one of the web's.") % {"port": port})
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise FetchRefused(_("There is no host %(host)s.") % {"host": host}) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(is_open(address) for address in addresses):
        raise FetchRefused(_("%(host)s is not a public address on the internet.") % {"host": host})
    return addresses


def allowed_networks() -> tuple[Network, ...]:
    """Exceptions by setting, for tests and for sites inside a private network; none by default."""
    return tuple(ipaddress.ip_network(text) for text in settings.CROWD_FETCH_ALLOW_PRIVATE)


def _in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
