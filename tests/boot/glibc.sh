# SPDX-License-Identifier: MIT
# glibc.sh - run by bash inside the guest; test_glibc.py knows what it prints.
# Every line of output is "name: value".
export LC_ALL=C
cd /tmp || exit 1

say() {
	echo "$1: $2"
}

# Data that the host can make too.
seq 1 30000 >numbers
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "%d %s\n", i * 7919 % 20011,
	"text that repeats and packs well" }' >text
say bytes "$(cat numbers text | wc -c)"

# sha, md5: coreutils' own code and OpenSSL's assembly
for hash in md5 sha1 sha256 sha512; do
	say "coreutils $hash" "$(cat numbers text | ${hash}sum | cut -d ' ' -f 1)"
done
for hash in md5 sha1 sha256 sha512 sha3-256 blake2b512; do
	say "openssl $hash" "$(cat numbers text | openssl dgst -$hash -r |
		cut -d ' ' -f 1)"
done
say hmac "$(openssl dgst -sha256 -hmac key -r <text | cut -d ' ' -f 1)"

# ciphers: FIPS 197 C.3, and there and back again
key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
say aes "$(printf '\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff' |
	openssl enc -aes-256-ecb -nopad -K $key | od -An -tx1 | tr -d ' \n')"
for cipher in aes-128-cbc aes-256-ctr chacha20 camellia-128-cbc; do
	openssl enc -$cipher -pbkdf2 -pass pass:x -in text -out packed &&
		openssl enc -d -$cipher -pbkdf2 -pass pass:x -in packed |
		cmp - text && say "$cipher" same
done

# big numbers: multiplication and division over several words
say prime "$(openssl prime 170141183460469231731687303715884105727)"
say factor "$(factor 18446744073709551615 1000000007000000063)"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem \
	2>/dev/null
openssl pkey -in ec.pem -pubout -out pub.pem
openssl dgst -sha256 -sign ec.pem -out sig text
say ecdsa "$(openssl dgst -sha256 -verify pub.pem -signature sig text)"
openssl genrsa -out rsa.pem 1024 2>/dev/null
openssl pkey -in rsa.pem -pubout -out pub.pem
openssl dgst -sha256 -sign rsa.pem -out sig text
say rsa "$(openssl dgst -sha256 -verify pub.pem -signature sig text)"
say x25519 "$(openssl genpkey -algorithm X25519 | openssl pkey -text -noout |
	grep -c pub)"

# packing
for level in 1 6 9; do
	gzip -$level <text >packed && gzip -d <packed | cmp - text &&
		say "gzip $level" same
done
say crc32 "$(gzip -c <numbers | tail -c 8 | od -An -tu4 | tr -s ' ')"

# sorting and text
say sort "$(sort -n text | sha256sum | cut -d ' ' -f 1)"
say uniq "$(cut -d ' ' -f 1 text | sort | uniq | wc -l)"
say base64 "$(base64 -w 0 numbers | sha256sum | cut -d ' ' -f 1)"

# floating point: exact operations to the last digit, others to 12
say awk "$(awk 'BEGIN { for (i = 1; i <= 100000; i++) s += 1 / i
	printf "%.17g %.17g %.17g %d\n", s, s * s - 1e-3, sqrt(2 * s), s * 1e6 }')"
say awk-math "$(awk 'BEGIN { printf "%.12g %.12g %.12g %.12g %.12g\n", sin(1),
	cos(2), atan2(1, 3), exp(1.5), log(10) }')"
perl -e '
	my ($sum, $x) = (0, 1);
	$sum += $_ * $_ % 7919 for 1 .. 50000;
	print "perl int: $sum\n";
	$x = ($x * 6364136223846793005 + 1442695040888963407) & 0xffffffffffff
		for 1 .. 3;
	my @h = map { ($_ * 2654435761) % 4294967296 } 1 .. 5000;
	my $n = 0;
	$n = ($n * 31 + $_) % 1000000007 for sort { $a <=> $b } @h;
	print "perl sort: $n\n";
	my %seen;
	$seen{$_ % 997}++ for @h;
	print "perl hash: ", scalar(keys %seen), "\n";
	my $t = join ",", map { "k$_=v" . $_ * 3 } 1 .. 1000;
	my $c = () = $t =~ /k(\d+)=v\d*7\b/g;
	print "perl regex: $c\n";
	printf "perl float: %.17g %.17g %.17g\n", 1 / 3, sqrt(2) * 1e100,
		(0.1 + 0.2) / 3e-5;
	printf "perl pack: %s\n", unpack("H*", pack("d>f>q>n", -2.5, 0.1, -2,
		65534));
'

# bash itself: 64-bit arithmetic, recursion, arrays, processes
fib() {
	local n=$1 a b
	if ((n < 2)); then
		result=$n
		return
	fi
	fib $((n - 1))
	a=$result
	fib $((n - 2))
	b=$result
	result=$((a + b))
}
fib 15
say fib "$result"
x=88172645463325252
for ((i = 0; i < 2000; i++)); do
	((x ^= x << 13, x ^= (x >> 7) & 0x1ffffffffffffff, x ^= x << 17))
done
say xorshift "$x"
longest=0
for ((i = 1; i < 300; i++)); do
	for ((n = i, steps = 0; n != 1; steps++)); do
		((n = n % 2 ? 3 * n + 1 : n / 2))
	done
	((steps > longest && (longest = steps)))
done
say collatz "$longest"
declare -A words
while read -r word; do
	words[${word:0:2}]=x
done <numbers
say array "${#words[@]}"
for i in {1..40}; do
	(exit $((i % 7))) || ((failed += $?))
done
say processes "$failed"
say done "$(uname -m)"
