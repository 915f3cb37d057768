/* SPDX-License-Identifier: MIT */
/*
 * mmio.c - virtio over MMIO, version 2: virtio 1.2, 4.2.2 and 3.1.1.  Knows no
 * device.
 *
 * Locks, in the order they are taken: mu, irq_mu, then the one of whatever the
 * wire leads to.  The wire is moved under irq_mu so that its levels come in
 * the order of what they are computed from.
 */
#include "virtio/mmio.h"

#include "base/bytes.h"

/* Table 4.1; queue registers mean the queue of QUEUE_SEL. */
enum {
	MAGIC = 0x000,
	VERSION = 0x004,
	DEVICE_ID = 0x008,
	VENDOR_ID = 0x00c,
	DEVICE_FEATURES = 0x010,
	DEVICE_FEATURES_SEL = 0x014,
	DRIVER_FEATURES = 0x020,
	DRIVER_FEATURES_SEL = 0x024,
	QUEUE_SEL = 0x030,
	QUEUE_NUM_MAX = 0x034,
	QUEUE_NUM = 0x038,
	QUEUE_READY = 0x044,
	QUEUE_NOTIFY = VIRTIO_MMIO_NOTIFY,
	INTERRUPT_STATUS = 0x060,
	INTERRUPT_ACK = 0x064,
	STATUS = 0x070,
	QUEUE_DESC_LOW = 0x080,
	QUEUE_DESC_HIGH = 0x084,
	QUEUE_DRIVER_LOW = 0x090,
	QUEUE_DRIVER_HIGH = 0x094,
	QUEUE_DEVICE_LOW = 0x0a0,
	QUEUE_DEVICE_HIGH = 0x0a4,
	SHM_LEN_LOW = 0x0b0,
	SHM_LEN_HIGH = 0x0b4,
	SHM_BASE_LOW = 0x0b8,
	SHM_BASE_HIGH = 0x0bc,
	CONFIG_GENERATION = 0x0fc,
	CONFIG = 0x100,
};

#define MAGIC_VALUE UINT32_C(0x74726976)  /* "virt" */
#define VENDOR_VALUE UINT32_C(0x006d766d) /* "mvm" */

/* 2.1 */
enum {
	ACKNOWLEDGE = 1,
	DRIVER = 2,
	DRIVER_OK = 4,
	FEATURES_OK = 8,
	NEEDS_RESET = 64,
	FAILED = 128,
};

/* 4.2.2, InterruptStatus */
enum { USED_BUFFER = 1, CONFIG_CHANGE = 2 };

static uint64_t offered(const struct virtio_mmio *m)
{
	return m->ops->features | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX |
	       VIRTIO_F_VERSION_1;
}

static bool features_fit(const struct virtio_mmio *m)
{
	return (m->driver_features & VIRTIO_F_VERSION_1) &&
	       !(m->driver_features & ~offered(m));
}

/*
 * Set bits, clear others.  The wire is level = isr != 0, and falls for a
 * moment whenever something was acknowledged: a controller that looks for
 * edges would not see a cause that came just before the acknowledgement of
 * another one.
 */
static void change_isr(struct virtio_mmio *m, uint32_t set, uint32_t clear)
{
	uint32_t was;

	mutex_lock(&m->irq_mu);
	was = m->isr;
	m->isr = (was & ~clear) | set;
	if (was & clear)
		irq_set(&m->irq, false);
	if (m->isr && (!was || (was & clear)))
		irq_set(&m->irq, true);
	mutex_unlock(&m->irq_mu);
}

static uint32_t get_isr(struct virtio_mmio *m)
{
	uint32_t isr;

	mutex_lock(&m->irq_mu);
	isr = m->isr;
	mutex_unlock(&m->irq_mu);
	return isr;
}

/* The queues are taken from the device; once for each start. */
static void halt(struct virtio_mmio *m)
{
	if (!m->running)
		return;
	m->running = false;
	m->ops->stop(m->dev);
}

static void forget(struct virtio_mmio *m)
{
	unsigned i;

	m->status = 0;
	m->driver_features = 0;
	m->features_sel = m->driver_features_sel = m->queue_sel = 0;
	for (i = 0; i < VIRTIO_QUEUES; i++) {
		m->place[i] = (struct virtq_place){ 0 };
		m->ready[i] = false;
		m->queue[i] = (struct virtq){ .mem = m->mem };
	}
}

static void reset(struct virtio_mmio *m)
{
	halt(m);
	forget(m);
	change_isr(m, 0, UINT32_MAX);
}

/* 2.1.2: with DRIVER_OK the driver must be told. */
static void needs_reset(struct virtio_mmio *m)
{
	m->status |= NEEDS_RESET;
	halt(m);
	change_isr(m, CONFIG_CHANGE, 0);
}

/* DRIVER_OK: what was written up to now counts. */
static void go(struct virtio_mmio *m)
{
	bool event_idx = m->driver_features & VIRTIO_F_EVENT_IDX;
	unsigned i;

	m->status |= DRIVER_OK;
	for (i = 0; i < m->ops->queues; i++) {
		if (m->ready[i] && !virtq_start(&m->queue[i], m->mem,
						&m->place[i], event_idx)) {
			needs_reset(m);
			return;
		}
	}
	m->running = true;
	m->ops->start(m->dev);
}

/*
 * 3.1.1: bits are set in this order, each on top of those before, and none is
 * cleared but by a reset.  What is not next is ignored.
 */
static void set_status(struct virtio_mmio *m, uint32_t v)
{
	if (!v) {
		reset(m);
		return;
	}
	if (v & FAILED) {
		m->status |= FAILED;
		halt(m);
	}
	if (m->status & (FAILED | NEEDS_RESET))
		return;
	if (v & ACKNOWLEDGE)
		m->status |= ACKNOWLEDGE;
	if ((v & DRIVER) && (m->status & ACKNOWLEDGE))
		m->status |= DRIVER;
	if ((v & FEATURES_OK) && (m->status & DRIVER) && features_fit(m))
		m->status |= FEATURES_OK;
	if ((v & DRIVER_OK) && (m->status & FEATURES_OK) &&
	    !(m->status & DRIVER_OK))
		go(m);
}

/* The half of a 64-bit number that a register is. */
static uint32_t half(uint64_t v, uint32_t sel)
{
	return sel > 1 ? 0 : (uint32_t)(v >> 32 * sel);
}

static void set_half(uint64_t *v, uint32_t sel, uint32_t part)
{
	if (sel <= 1)
		*v = (*v & ~((uint64_t)UINT32_MAX << 32 * sel)) |
		     (uint64_t)part << 32 * sel;
}

static uint32_t get(const struct virtio_mmio *m, uint64_t off)
{
	bool queue = m->queue_sel < m->ops->queues;

	switch (off) {
	case MAGIC: return MAGIC_VALUE;
	case VERSION: return 2;
	case DEVICE_ID: return m->ops->id;
	case VENDOR_ID: return VENDOR_VALUE;
	case DEVICE_FEATURES: return half(offered(m), m->features_sel);
	case QUEUE_NUM_MAX: return queue ? VIRTQ_MAX : 0;
	case QUEUE_READY: return queue && m->ready[m->queue_sel];
	case STATUS: return m->status;
	case SHM_LEN_LOW:
	case SHM_LEN_HIGH:
	case SHM_BASE_LOW:
	case SHM_BASE_HIGH: return UINT32_MAX; /* no shared memory */
	case CONFIG_GENERATION:                /* it never changes */
	default: return 0;
	}
}

/* Of the queue in QUEUE_SEL, between FEATURES_OK and DRIVER_OK. */
static void set_queue(struct virtio_mmio *m, uint64_t off, uint32_t v)
{
	struct virtq_place *at;

	if (m->queue_sel >= m->ops->queues || !(m->status & FEATURES_OK) ||
	    (m->status & (DRIVER_OK | FAILED | NEEDS_RESET)))
		return;
	if (off == QUEUE_READY) {
		m->ready[m->queue_sel] = v & 1;
		return;
	}
	if (m->ready[m->queue_sel])
		return;
	at = &m->place[m->queue_sel];
	switch (off) {
	case QUEUE_NUM: at->size = v > VIRTQ_MAX ? 0 : (uint16_t)v; break;
	case QUEUE_DESC_LOW: set_half(&at->desc, 0, v); break;
	case QUEUE_DESC_HIGH: set_half(&at->desc, 1, v); break;
	case QUEUE_DRIVER_LOW: set_half(&at->avail, 0, v); break;
	case QUEUE_DRIVER_HIGH: set_half(&at->avail, 1, v); break;
	case QUEUE_DEVICE_LOW: set_half(&at->used, 0, v); break;
	case QUEUE_DEVICE_HIGH: set_half(&at->used, 1, v); break;
	default: break;
	}
}

static void set(struct virtio_mmio *m, uint64_t off, uint32_t v)
{
	switch (off) {
	case DEVICE_FEATURES_SEL: m->features_sel = v; break;
	case DRIVER_FEATURES_SEL: m->driver_features_sel = v; break;
	case DRIVER_FEATURES:
		if ((m->status & DRIVER) && !(m->status & FEATURES_OK))
			set_half(&m->driver_features, m->driver_features_sel,
				 v);
		break;
	case QUEUE_SEL: m->queue_sel = v; break;
	case STATUS: set_status(m, v); break;
	default: set_queue(m, off, v); break;
	}
}

static uint64_t config(struct virtio_mmio *m, uint64_t off, unsigned size)
{
	uint8_t buf[8] = { 0 };

	if (size > sizeof(buf))
		return 0;
	m->ops->config(m->dev, off, buf, size);
	return le64(buf);
}

static uint64_t mmio_read(void *dev, uint64_t off, unsigned size)
{
	struct virtio_mmio *m = dev;
	uint32_t v;

	if (off >= CONFIG)
		return config(m, off - CONFIG, size);
	if (size != 4 || off % 4) /* 4.2.2.2: drivers make no other */
		return 0;
	if (off == INTERRUPT_STATUS)
		return get_isr(m);
	mutex_lock(&m->mu);
	v = get(m, off);
	mutex_unlock(&m->mu);
	return v;
}

static void mmio_write(void *dev, uint64_t off, unsigned size, uint64_t value)
{
	struct virtio_mmio *m = dev;
	uint32_t v = (uint32_t)value;

	if (size != 4 || off % 4 || off >= CONFIG) /* no config is writable */
		return;
	/* These two come often, and must not wait for a batch. */
	if (off == QUEUE_NOTIFY) {
		if (v < m->ops->queues)
			m->ops->notify(m->dev, v);
		return;
	}
	if (off == INTERRUPT_ACK) {
		change_isr(m, 0, v);
		return;
	}
	mutex_lock(&m->mu);
	set(m, off, v);
	mutex_unlock(&m->mu);
}

const struct bus_ops virtio_mmio_ops = { mmio_read, mmio_write };

int virtio_init(struct virtio_mmio *m, const struct virtio_ops *ops, void *dev,
		const struct gmem *mem, struct irq irq, mv_error *err)
{
	int rc;

	*m = (struct virtio_mmio){
		.ops = ops, .dev = dev, .mem = mem, .irq = irq
	};
	forget(m);
	rc = mutex_init(&m->mu, err);
	if (rc)
		return rc;
	rc = mutex_init(&m->irq_mu, err);
	if (rc)
		mutex_fini(&m->mu);
	return rc;
}

void virtio_fini(struct virtio_mmio *m)
{
	mutex_fini(&m->irq_mu);
	mutex_fini(&m->mu);
}

bool virtio_enter(struct virtio_mmio *m)
{
	mutex_lock(&m->mu);
	if (m->running)
		return true;
	mutex_unlock(&m->mu);
	return false;
}

void virtio_leave(struct virtio_mmio *m)
{
	mutex_unlock(&m->mu);
}

void virtio_interrupt(struct virtio_mmio *m)
{
	change_isr(m, USED_BUFFER, 0);
}

void virtio_break(struct virtio_mmio *m)
{
	if (m->running)
		needs_reset(m);
}

/* Could set_status() have come to this? */
static bool status_ok(const struct virtio_mmio *m)
{
	uint32_t v = m->status;

	if (v & ~(uint32_t)(ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK |
			    NEEDS_RESET | FAILED))
		return false;
	if ((v & DRIVER) && !(v & ACKNOWLEDGE))
		return false;
	if ((v & FEATURES_OK) && (!(v & DRIVER) || !features_fit(m)))
		return false;
	if ((v & DRIVER_OK) && !(v & FEATURES_OK))
		return false;
	return !(v & NEEDS_RESET) || (v & DRIVER_OK);
}

static void walk_queue(struct virtio_mmio *m, unsigned i, struct state *s)
{
	struct virtq_place *at = &m->place[i];

	state_u64(s, &at->desc);
	state_u64(s, &at->avail);
	state_u64(s, &at->used);
	state_u16(s, &at->size);
	state_bool(s, &m->ready[i]);
	if (s->loading)
		m->queue[i] = (struct virtq){ .mem = m->mem };
	if (m->running && m->ready[i])
		virtq_state(&m->queue[i], s);
}

static void walk(struct virtio_mmio *m, struct state *s)
{
	uint32_t id = m->ops->id;
	unsigned i;

	state_u32(s, &id);
	state_check(s, id == m->ops->id, "it is another kind of device");
	state_u32(s, &m->status);
	state_u64(s, &m->driver_features);
	state_u32(s, &m->features_sel);
	state_u32(s, &m->driver_features_sel);
	state_u32(s, &m->queue_sel);
	state_check(s, status_ok(m), "a status that no driver gets to");
	if (s->loading)
		m->running = !s->failed && (m->status & DRIVER_OK) &&
			     !(m->status & (NEEDS_RESET | FAILED));
	for (i = 0; i < m->ops->queues; i++)
		walk_queue(m, i, s);
}

void virtio_state(struct virtio_mmio *m, struct state *s)
{
	mutex_lock(&m->mu);
	mutex_lock(&m->irq_mu);
	state_section(s, "virtio", 1);
	walk(m, s);
	state_u32(s, &m->isr);
	state_check(s, !(m->isr & ~(uint32_t)(USED_BUFFER | CONFIG_CHANGE)),
		    "an interrupt that does not exist");
	if (s->loading && s->failed) { /* it may have brought bad numbers */
		m->running = false;
		m->isr = 0;
		forget(m);
	}
	if (s->loading)
		irq_set(&m->irq, m->isr != 0);
	mutex_unlock(&m->irq_mu);
	mutex_unlock(&m->mu);
}
