/* SPDX-License-Identifier: MIT */
/* outbound.c - the options on what the guest may reach by the proxy. */
#include "outbound.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

enum { NET_UNSAID = MICROVM_NET_ALL + 1 };

static const char *const nets[] = {
	[MICROVM_NET_NONE] = "none",
	[MICROVM_NET_PUBLIC] = "public",
	[MICROVM_NET_ALL] = "all",
	NULL,
};

#define AT(member) offsetof(struct outbound, member)

static const struct opt outbound_opts[] = {
	{ "net", 0, OPT_CHOICE, AT(net), "NET",
	  "what the guest may reach: none, public (default: public addresses, "
	  "not this host or its LAN), all",
	  nets },
	{ "allow", 0, OPT_LIST, AT(rules), "WHO[:PORTS]",
	  "allow a name, *.NAME, address, network or group; of all --allow "
	  "and --deny the first that fits decides, before --net",
	  NULL },
	{ "deny", 0, OPT_LIST, AT(rules), "WHO[:PORTS]", "deny it", NULL },
	{ "upstream", 0, OPT_TEXT, AT(upstream), "URL",
	  "connect by another SOCKS5 server: socks5h://[USER:PASSWORD@]"
	  "HOST:PORT",
	  NULL },
	{ "proxy-login", 0, OPT_TEXT, AT(login), "USER:PASSWORD",
	  "have the guest log in to the proxy", NULL },
	{ "log-net", 0, OPT_MAYBE, AT(log), "FILE",
	  "tell what the guest asked of the network and what became of it, a "
	  "line each, on stderr or at the end of FILE",
	  NULL },
};

struct opt_group outbound_group(struct outbound *o)
{
	o->net = NET_UNSAID;
	return (struct opt_group){ "network", outbound_opts,
				   sizeof(outbound_opts) /
					   sizeof(*outbound_opts),
				   o };
}

/* The first option given that needs the device; NULL: none. */
static const char *first_asked(const struct outbound *o)
{
	if (o->net == MICROVM_NET_PUBLIC || o->net == MICROVM_NET_ALL)
		return "--net";
	if (o->rules.count)
		return o->rules.by[0]->name[0] == 'a' ? "--allow" : "--deny";
	if (o->upstream)
		return "--upstream";
	if (o->login)
		return "--proxy-login";
	return o->log.given ? "--log-net" : NULL;
}

/* The library has verb and object in one text. */
static int add_rule(const struct opt *by, const char *who, microvm_config *cfg,
		    microvm_error *err)
{
	size_t size = strlen(by->name) + strlen(who) + 2;
	char *rule = malloc(size), label[16];
	int rc;

	if (!rule)
		return refuse_os(err, ENOMEM, "--%s", by->name);
	(void)snprintf(rule, size, "%s %s", by->name, who);
	rc = microvm_config_add_rule(cfg, rule, err);
	free(rule);
	if (!rc)
		return 0;
	(void)snprintf(label, sizeof(label), "--%s", by->name);
	return refuse_in(err, label);
}

static int set_login(const char *text, microvm_config *cfg, microvm_error *err)
{
	const char *colon = strchr(text, ':');
	char *user;
	int rc;

	if (!colon) {
		(void)refuse(err, "--proxy-login: no colon in it");
		return refuse_hint(err, "write USER:PASSWORD");
	}
	user = strndup(text, (size_t)(colon - text));
	if (!user)
		return refuse_os(err, ENOMEM, "--proxy-login");
	rc = microvm_config_set_proxy_login(cfg, user, colon + 1, err);
	free(user);
	return rc ? refuse_in(err, "--proxy-login") : 0;
}

int outbound_config(const struct outbound *o, const struct machine *m,
		    struct netlog *log, microvm_config *cfg, microvm_error *err)
{
	const char *asked = first_asked(o);
	unsigned net = o->net == NET_UNSAID ? MICROVM_NET_PUBLIC : o->net;
	int rc = asked ? machine_needs_vsock(m, asked, err) : 0;

	if (!rc)
		rc = microvm_config_set_net(cfg, (enum microvm_net)net, err);
	for (size_t i = 0; !rc && i < o->rules.count; i++)
		rc = add_rule(o->rules.by[i], o->rules.word[i], cfg, err);
	if (!rc && o->upstream &&
	    microvm_config_set_upstream(cfg, o->upstream, err))
		rc = refuse_in(err, "--upstream");
	if (!rc && o->login)
		rc = set_login(o->login, cfg, err);
	if (!rc && o->log.given)
		rc = microvm_config_set_flow_events(cfg, netlog_flow, log, err);
	return rc;
}
