"""A text of each platform as it is stored and compared, with lines that are hard to place."""

from __future__ import annotations

IOS = """\
version 15.2
hostname edge-3
!
interface GigabitEthernet0/1
 description to the lab
 ip address 192.0.2.1 255.255.255.0
!
interface GigabitEthernet0/2
 no ip address
 service-policy input QOS
!
class-map match-any VOICE
 match dscp ef
policy-map QOS
 class VOICE
  priority percent 20
   police cir 64000
 class class-default
  fair-queue
!
router bgp 65010
 bgp log-neighbor-changes
 neighbor 192.0.2.9 remote-as 65020
 !
 address-family ipv4 vrf BLUE
  redistribute connected
 exit-address-family
!
ip route 0.0.0.0 0.0.0.0 192.0.2.254
!
crypto pki certificate chain LAB
 certificate self-signed 01
  30820222 3082018B A0030201 02020101
  \tquit
banner motd ^C
interface of the law {
    no trespassing
^C
banner exec #one line only#
line vty 0 4
 transport input ssh
end
"""

EOS = """\
! device: leaf-4 (DCS-7050, EOS-4.30.1F)
hostname leaf-4
!
interface Ethernet7
   mtu 9214
   !
   sflow enable
!
banner login
router of nobody
   keep out
EOF
!
router bgp 65030
   router-id 192.0.2.4
   vrf GREEN
      rd 65030:7
      address-family ipv6
         neighbor 2001:db8::1 activate
!
end
"""

NXOS = """\
version 9.3(10)
hostname spine-1

banner motd ^Cvlan of nobody
  keep out
^C
vdc spine-1 id 1
  limit-resource vlan minimum 16 maximum 4094

interface Ethernet1/9
  description rack 9

  no shutdown

router ospf 9
  vrf RED
    area 0.0.0.9 default-cost 9
boot nxos bootflash:/nxos.bin
"""

JUNOS = """\
version 21.4R3.15;
system {
    host-name mx-2;
    /* ask the lab {
       before you change this */
    services {
        ssh;
    }
}
interfaces {
    ge-0/0/3 {
        description "braces { in a text {";
        unit 7 {
            family inet {
                address 192.0.2.33/28;
            }
            family inet6;
        }
    }
    inactive: ge-0/0/4 {
        disable;
    }
}
policy-options {
    prefix-list LAB {
        192.0.2.0/24;
    }
}
"""

FORTIOS = """\
#config-version=FGT60F-7.4.4
config system global
    set hostname "fw-5"
end
config system interface
    edit "port5"
        set ip 192.0.2.65 255.255.255.192
        config ipv6
            set ip6-mode static
            config ip6-extra-addr
                edit 2001:db8::5/64
                next
            end
            set ip6-allowaccess ping
        end
        set mtu 9000
    next
    edit "port6"
        set status down
    next
end
config system replacemsg auth "login"
    set buffer "<html>
config of nobody
edit it
next
end
</html>"
    set format html
end
config firewall address
    edit "lab"
        set subnet 192.0.2.0 255.255.255.0
    end
config firewall policy
    edit 7
        set comments "say \\"end\\" here"
        set action accept
    next
end
"""

ROUTEROS = """\
# model = RB5009
/interface bridge
add name=bridge7
/ip firewall filter
add action=accept chain=input comment="/ip address in a comment"
add action=drop chain=forward \\
    in-interface=ether7
/ip address add address=192.0.2.77/24 interface=bridge7
/system identity
set name=rt-7
"""

VYOS_SET = """\
set interfaces ethernet eth3 address '192.0.2.97/27'
set interfaces ethernet eth3 vif 30 address '192.0.2.129/27'
set interfaces ethernet eth3 vif 30 description 'lab to floor'
set interfaces ethernet eth3 vif 31 description 'lab to roof'
set interfaces loopback lo
set service ssh port '22'
set system host-name 'vy-3'
set system login user lab full-name 'lab of nobody'
set system login user lab level 'admin'
"""

VYOS_BRACES = """\
interfaces {
    ethernet eth3 {
        address 192.0.2.97/27
        vif 30 {
            description "lab { floor"
        }
    }
    loopback lo {
    }
}
service {
    ssh {
        port 22
    }
}
"""

JUNOS_SET = """\
set version 21.4R3.15
set system host-name mx-2
set system services ssh
set interfaces ge-0/0/3 unit 7 family inet address 192.0.2.33/28
set interfaces ge-0/0/3 unit 7 family inet6
deactivate interfaces ge-0/0/3 unit 8
set snmp community <secret 1a2b> authorization read-only
set snmp community <secret 3c4d> authorization read-only
set snmp location "row 7 rack 9"
set snmp trap-group LAB targets 192.0.2.50
"""

FILES = """\
# ==== /etc/network/interfaces ====
auto eth7
iface eth7 inet static
    address 192.0.2.161/28
# towards the lab
    mtu 9000
# ==== /etc/chrony.conf ====
server 192.0.2.123 iburst
# ==== /etc/systemd/network/10-lab.network ====
[Match]
Name=eth8

[Network]
Address=192.0.2.177/28
# ==== sysctl -a ====
net.ipv4.ip_forward = 1
"""

FRR = """\
frr version 8.4.4
hostname r-8
interface eth8
 ip address 192.0.2.193/28
exit
!
router bgp 65040
 neighbor 192.0.2.194 remote-as 65041
 !
 address-family ipv6 unicast
  neighbor 192.0.2.194 activate
 exit-address-family
exit
"""
