#!/bin/bash
# SPDX-License-Identifier: MIT
# net.sh HTTP GREETER UDP LAN - runs in the guest and uses the network as its
# own programs do: each line "name: result" is compared by test_net.py.  The
# words are ports of servers on the host's loopback, and an address that the
# policy denies.
http=$1 greeter=$2 udp=$3 lan=$4
socks=127.0.0.1:1080
# All of it is asked for by hand, and the host's loopback is no exception.
unset {http,https,all,no}_proxy {HTTP,HTTPS,ALL,NO}_PROXY
cd /tmp || exit

say() {
	echo "$1: ${*:2}"
}

hash() {
	sha256sum | cut -d ' ' -f 1
}

site=http://127.0.0.1:$http
name=http://localhost:$http
say socks5 "$(curl -sS --socks5 $socks "$site/data" | hash)"
say socks5h "$(curl -sS --socks5-hostname $socks "$name/data" | hash)"
say socks5h-url "$(curl -sS -x socks5h://$socks "$name/data" | hash)"
say connect "$(curl -sS -p -x http://$socks "$name/data" | hash)"
say upload "$(curl -sS -x socks5h://$socks -T /usr/bin/git "$name/put")"
say uploaded "$(hash </usr/bin/git)"
for i in {1..20}; do
	curl -sS -x socks5h://$socks "$name/data" | hash >"many.$i" &
done
wait
say many "$(sort -u many.*)"

# What curl says when the proxy says no: its exit status, and the reply.
refused() {
	curl -sS --max-time 60 -x socks5h://$socks "$1" 2>&1 |
		grep -o '([0-9]*)$'
}
say denied "$(refused "http://$lan/")"
say closed-port "$(refused http://127.0.0.1:1/)"
say no-such-name "$(refused http://no-such-name.invalid/)"
say denied-connect "$(curl -sS -p -x http://$socks "http://$lan/" 2>&1 |
	grep -o '403')"

git -c http.proxy=socks5h://$socks clone -q "$name/repo.git" clone
say git "$(git -C clone log --format=%s | tr '\n' ' ')"
say git-file "$(hash <clone/file)"

# A repository of apt's, unsigned, in a system with nothing in it.
mkdir -p apt/{state/lists/partial,cache/archives/partial}
: >apt/status
echo "deb [trusted=yes] $name/apt ./" >apt/sources.list
apt-get -q -o Acquire::http::Proxy=socks5h://$socks -o Dir::State=/tmp/apt/state \
	-o Dir::Cache=/tmp/apt/cache -o Dir::State::status=/tmp/apt/status \
	-o Dir::Etc::sourcelist=/tmp/apt/sources.list \
	-o APT::Sandbox::User=root update >apt.log 2>&1 || cat apt.log
say apt "$(cat apt/state/lists/*_Packages | grep -c ^Package:)"

# A server that speaks first, as ssh does: nothing is sent before it has.
coproc NC { nc -N -X 5 -x $socks 127.0.0.1 "$greeter"; }
read -r line <&"${NC[0]}"
say greeting "$line"
exec {NC[1]}>&-
wait "$NC_PID"
say half-close "$(seq 1 50000 | nc -N -X 5 -x $socks 127.0.0.1 \
	"$greeter" | hash)"

# Names, by the resolver that programs use.
say dns "$(busybox nslookup no-such-name.invalid 127.0.0.1 2>&1 |
	grep -ci nxdomain)"
say udp "$(python3 /udp.py "$udp")"

say clock "$(date +%s)"
say ping "$(vsock-client ping 2 5000 -c 20 2>&1 | tail -n 1)"
exit 42
