/* SPDX-License-Identifier: MIT */
/*
 * rule.c - one rule of the policy.
 *
 * A rule that is not what its author meant lets a guest out, so whatever is
 * doubtful is refused with a way to say it clearly: bits behind a network's
 * prefix, a number with no network in it, a group with a letter missing.
 */
#include "proxy/rule.h"

#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "proxy/embed.h"
#include "proxy/prefix.h"

enum { GUESS_MAX = 12, MAPPED_BITS = 96 };

static const struct {
	const char *word;
	enum rule_who who;
	enum group group;
} groups[] = {
	{ "any", RULE_ANY, GROUP_RESERVED },
	{ "public", RULE_GROUP, GROUP_PUBLIC },
	{ "private", RULE_GROUP, GROUP_PRIVATE },
	{ "loopback", RULE_GROUP, GROUP_LOOPBACK },
	{ "linklocal", RULE_GROUP, GROUP_LINKLOCAL },
	{ "multicast", RULE_GROUP, GROUP_MULTICAST },
	{ "host", RULE_HOST, GROUP_RESERVED },
};

/* ---- words -------------------------------------------------------------- */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whatever the locale. */
static char lower(char c)
{
	if (c < 'A' || c > 'Z')
		return c;
	return (char)(c + ('a' - 'A'));
}

/* All of `text` up to `end`, without signs; false above `max`. */
static bool number(const char *text, const char *end, unsigned max,
		   unsigned *out)
{
	unsigned v = 0;

	if (text == end)
		return false;
	for (; text < end; text++) {
		if (!digit(*text))
			return false;
		v = v * 10 + (unsigned)(*text - '0');
		if (v > max)
			return false;
	}
	*out = v;
	return true;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Letters to add, drop or change to get from one to the other. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[GUESS_MAX + 1], i, j, diagonal, above;
	size_t n = strlen(a), m = strlen(b);

	if (n > GUESS_MAX || m > GUESS_MAX)
		return GUESS_MAX;
	for (j = 0; j <= m; j++)
		row[j] = j;
	for (i = 1; i <= n; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= m; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
				      diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[m];
}

/* The group somebody who wrote `word` may have meant, or NULL. */
static const char *closest(const char *word)
{
	size_t i;

	for (i = 0; i < LEN(groups); i++)
		if (distance(word, groups[i].word) <=
		    (strlen(groups[i].word) > 4 ? 2 : 1))
			return groups[i].word;
	return NULL;
}

/* ---- networks ----------------------------------------------------------- */

static void mask(struct addr *a, unsigned bits)
{
	unsigned i;

	for (i = bits; i < 128; i++)
		a->ip[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
}

static int net_bits(struct policy_rule *r, const char *text, mv_error *err)
{
	unsigned max = r->net.family == ADDR_IPV4 ? 32 : 128;
	struct addr masked;
	char net[ADDR_TEXT], ip[ADDR_TEXT];

	r->bits = max;
	if (text && !number(text, text + strlen(text), max, &r->bits))
		return fail(err, MICROVM_EINVAL,
			    "/%s: the length of a network is 0 to %u", text,
			    max);
	masked = r->net;
	mask(&masked, r->bits);
	if (memcmp(masked.ip, r->net.ip, sizeof(masked.ip)) != 0)
		return fail_hint(
			err,
			fail(err, MICROVM_EINVAL,
			     "%s/%u: there are bits behind the first %u",
			     addr_ip_text(&r->net, ip), r->bits, r->bits),
			"write the network, %s/%u, or leave out the length for "
			"the one address",
			addr_ip_text(&masked, net), r->bits);
	if (max == 128 && r->bits >= MAPPED_BITS) {
		masked = embed_unmap(&r->net);
		if (masked.family == ADDR_IPV4) {
			r->net = masked;
			r->bits -= MAPPED_BITS;
		}
	}
	return 0;
}

/* "10.0.0.0/8"; `text` is cut. */
static int parse_net(struct policy_rule *r, char *text, mv_error *err)
{
	char *bits = strchr(text, '/');

	if (bits)
		*bits++ = '\0';
	if (!addr_parse_ip(text, &r->net))
		return fail(err, MICROVM_EINVAL, "%s: not an IP address", text);
	if (r->net.scope)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "%s: rules do not know interfaces", text),
				 "leave out what begins at the %%");
	r->who = RULE_NET;
	return net_bits(r, bits, err);
}

/* "[fd00::]/8", and what follows it. */
static int parse_brackets(struct policy_rule *r, char *text, char **ports,
			  mv_error *err)
{
	char *end = strchr(text, ']'), *colon;
	char net[RULE_TEXT_MAX + 1];

	if (!end || !memchr(text, ':', (size_t)(end - text)))
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "%s: not an IPv6 address in brackets",
				      text),
				 "write it as [fd00::1] or [fd00::]/8");
	colon = strchr(end, ':');
	if (colon) {
		*colon = '\0';
		*ports = colon + 1;
	}
	if (end[1] != '\0' && end[1] != '/')
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "%s: unknown behind the bracket",
				      end + 1),
				 "/LENGTH and :PORTS may follow");
	*end = '\0';
	if (strchr(text, '/'))
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "%s: the length stands in the brackets",
				      text + 1),
				 "write it behind them: [fd00::]/8");
	(void)snprintf(net, sizeof(net), "%s%s", text + 1, end + 1);
	return parse_net(r, net, err);
}

/* ---- names -------------------------------------------------------------- */

static int bad_name(mv_error *err, const char *name, const char *what,
		    const char *hint)
{
	return fail_hint(err, fail(err, MICROVM_EINVAL, "%s: %s", name, what),
			 "%s", hint);
}

/* Labels of letters, digits, '-' and '_', each of 1 to 63. */
static int check_labels(const char *name, mv_error *err)
{
	size_t label = 0;
	const char *p;

	for (p = name;; p++) {
		if (*p == '.' || !*p) {
			if (!label || label > RULE_LABEL_MAX)
				return bad_name(err, name, "not a name",
						"between two dots there are 1 "
						"to 63 characters");
			if (!*p)
				return 0;
			label = 0;
		} else if (*p == '*') {
			return bad_name(err, name, "a * in a name",
					"\"*.example.com\" is all below "
					"example.com, \"any\" is everything");
		} else if (digit(*p) || (*p >= 'a' && *p <= 'z') || *p == '-' ||
			   *p == '_') {
			label++;
		} else {
			return bad_name(err, name, "not a name",
					"a name is made of letters, digits, "
					"'-', '_' and dots");
		}
	}
}

/* What should be an address is not to become a name by mistake. */
static bool numeric(const char *name)
{
	const char *label = strrchr(name, '.');
	size_t i;

	label = label ? label + 1 : name;
	for (i = 0; digit(label[i]); i++)
		;
	return i && !label[i];
}

static int parse_name(struct policy_rule *r, char *text, mv_error *err)
{
	size_t len = strlen(text);
	const char *meant = strchr(text, '.') ? NULL : closest(text);
	int rc;

	if (meant)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "%s: not a group; is \"%s\" meant?", text,
				      meant),
				 "the name of a host like that is written with "
				 "a dot behind it: \"%s.\"",
				 text);
	r->who = RULE_NAME;
	if (text[0] == '*' && text[1] == '.') {
		r->below = true;
		text += 2;
		len -= 2;
	}
	if (len && text[len - 1] == '.')
		text[--len] = '\0';
	rc = check_labels(text, err);
	if (rc)
		return rc;
	if (len > RULE_NAME_MAX)
		return fail(err, MICROVM_EINVAL,
			    "a name of %zu characters: %d is the most", len,
			    RULE_NAME_MAX);
	if (r->verdict == POLICY_ALLOW &&
	    (rule_name_is(text, "localhost", false) ||
	     rule_name_is(text, "localhost", true)))
		return bad_name(err, text,
				"a name can only be allowed what is public",
				"the host's own loopback is \"loopback\"");
	memcpy(r->name, text, len + 1);
	return 0;
}

/* ---- WHO[:PORTS] -------------------------------------------------------- */

static int parse_host(struct policy_rule *r, char *text, mv_error *err)
{
	size_t i;

	if (!*text)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "nothing in front of the ports"),
				 "write \"any\" for everything");
	for (i = 0; i < LEN(groups); i++)
		if (!strcmp(text, groups[i].word)) {
			r->who = groups[i].who;
			r->group = groups[i].group;
			return 0;
		}
	if (strchr(text, '/') || numeric(text))
		return parse_net(r, text, err);
	return parse_name(r, text, err);
}

static int parse_who(struct policy_rule *r, char *text, char **ports,
		     mv_error *err)
{
	char *colon = strchr(text, ':');

	if (text[0] == '[')
		return parse_brackets(r, text, ports, err);
	if (colon && colon[1] == '/' && colon[2] == '/')
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "%s: rules take hosts, not URLs", text),
				 "write it as \"example.com:443\"");
	if (colon && strchr(colon + 1, ':')) { /* two: IPv6, without ports */
		int rc = parse_net(r, text, err);

		if (rc && err && !err->hint[0])
			return fail_hint(err, rc,
					 "IPv6 with ports has brackets: "
					 "\"[fd00::1]:443\"");
		return rc;
	}
	if (colon) {
		*colon = '\0';
		*ports = colon + 1;
	}
	return parse_host(r, text, err);
}

static int parse_range(struct policy_rule *r, const char *text, const char *end,
		       mv_error *err)
{
	const char *dash = memchr(text, '-', (size_t)(end - text));
	unsigned first, last;

	if (!number(text, dash ? dash : end, UINT16_MAX, &first) ||
	    !number(dash ? dash + 1 : text, end, UINT16_MAX, &last) || !first ||
	    !last)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "ports \"%.*s\": not a port",
				      (int)(end - text), text),
				 "ports are numbers from 1 to 65535: \"443\", "
				 "\"80,443\", \"8000-8999\"");
	if (last < first)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "ports %u-%u: the first is above the "
				      "last",
				      first, last),
				 "write %u-%u", last, first);
	if (r->ports == RULE_PORTS)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "more than %d ports and ranges",
				      RULE_PORTS),
				 "make two rules of it");
	r->port[r->ports].first = (uint16_t)first;
	r->port[r->ports].last = (uint16_t)last;
	r->ports++;
	return 0;
}

static int parse_ports(struct policy_rule *r, const char *text, mv_error *err)
{
	const char *end;
	int rc;

	for (;; text = end + 1) {
		end = text + strcspn(text, ",");
		rc = parse_range(r, text, end, err);
		if (rc || !*end)
			return rc;
	}
}

/* ---- rules -------------------------------------------------------------- */

enum { WORDS = 3 };

/* In place; how many there are, but the last may hold several. */
static unsigned split(char *text, char *word[static WORDS])
{
	unsigned n = 0;

	text += strspn(text, " ");
	while (*text && n < WORDS) {
		word[n++] = text;
		text += strcspn(text, " ");
		if (n < WORDS && *text) {
			*text++ = '\0';
			text += strspn(text, " ");
		}
	}
	return n;
}

static int parse_words(struct policy_rule *r, char *text, mv_error *err)
{
	char *word[WORDS], *ports = NULL;
	unsigned n = split(text, word);
	int rc;

	if (!n)
		return fail_hint(err, fail(err, MICROVM_EINVAL, "empty"),
				 "a rule is \"allow WHO[:PORTS]\" or "
				 "\"deny WHO[:PORTS]\"");
	if (strcmp(word[0], "allow") == 0)
		r->verdict = POLICY_ALLOW;
	else if (strcmp(word[0], "deny") == 0)
		r->verdict = POLICY_DENY;
	else
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "\"%s\" is neither \"allow\" nor "
				      "\"deny\"",
				      word[0]),
				 "write \"allow %s\" or \"deny %s\"",
				 n > 1 ? word[1] : word[0],
				 n > 1 ? word[1] : word[0]);
	if (n == 1)
		return fail_hint(
			err, fail(err, MICROVM_EINVAL, "whom to %s?", word[0]),
			"a name, an address or network, or one of "
			"any, public, private, loopback, linklocal, "
			"multicast, host");
	if (n > 2)
		return fail_hint(err,
				 fail(err, MICROVM_EINVAL,
				      "\"%s\" is one word too many", word[2]),
				 "ports follow without blanks: "
				 "\"example.com:80,443\"");
	rc = parse_who(r, word[1], &ports, err);
	return rc || !ports ? rc : parse_ports(r, ports, err);
}

int rule_parse(struct policy_rule *r, const char *text, mv_error *err)
{
	char copy[RULE_TEXT_MAX + 1];
	size_t len = strlen(text), i;
	int rc;

	*r = (struct policy_rule){ .verdict = POLICY_DENY };
	if (len > RULE_TEXT_MAX)
		return fail(err, MICROVM_EINVAL,
			    "a rule of %zu characters: %d is the most", len,
			    RULE_TEXT_MAX);
	for (i = 0; i < len; i++) {
		copy[i] = lower(text[i]);
		if (copy[i] == '\t')
			copy[i] = ' ';
		if (copy[i] < ' ' || copy[i] > '~')
			return fail_hint(err,
					 fail(err, MICROVM_EINVAL,
					      "byte 0x%02x in a rule",
					      (unsigned)(unsigned char)text[i]),
					 "names of other alphabets are written "
					 "as DNS has them: \"xn--...\"");
	}
	copy[len] = '\0';
	rc = parse_words(r, copy, err);
	return rc ? fail_in(err, rc, "rule \"%.80s\"", text) : 0;
}

/* ---- what it fits ------------------------------------------------------- */

bool rule_name_is(const char *name, const char *host, bool below)
{
	size_t n = strlen(name), m = strlen(host), i;

	while (n && name[n - 1] == '.')
		n--;
	if (below ? n < m + 2 || name[n - m - 1] != '.' : n != m)
		return false;
	for (i = 0; i < m; i++)
		if (lower(name[n - m + i]) != host[i])
			return false;
	return true;
}

static bool port_fits(const struct policy_rule *r, uint16_t port)
{
	unsigned i;

	/* A lookup is for a port to come: allowed if any is. */
	if (port == POLICY_ANY_PORT && r->verdict == POLICY_ALLOW)
		return true;
	for (i = 0; i < r->ports; i++)
		if (port >= r->port[i].first && port <= r->port[i].last)
			return true;
	return r->ports == 0;
}

bool rule_fits_name(const struct policy_rule *r, const char *name,
		    uint16_t port)
{
	if (!port_fits(r, port))
		return false;
	return r->who == RULE_ANY ||
	       (r->who == RULE_NAME && rule_name_is(name, r->name, r->below));
}

/* Public addresses of the host are in no such group, those of its LAN private
 */
static bool group_fits(enum group want, const struct addr *a, bool own,
		       bool lan)
{
	enum group is = group_of(a);

	if (is != GROUP_PUBLIC)
		return want == is;
	return !own && want == (lan ? GROUP_PRIVATE : GROUP_PUBLIC);
}

bool rule_fits(const struct policy_rule *r, const char *name,
	       const struct addr *a, bool own, bool lan)
{
	if (!port_fits(r, a->port))
		return false;
	switch (r->who) {
	case RULE_ANY: return true;
	case RULE_NAME: return name && rule_name_is(name, r->name, r->below);
	case RULE_HOST: return own;
	case RULE_NET:
		return r->net.family == a->family &&
		       prefix_fits(a->ip, r->net.ip, r->bits);
	case RULE_GROUP: break;
	}
	return group_fits(r->group, a, own, lan);
}
