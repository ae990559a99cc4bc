// Charge, lock and ticket (sections 5.3, 5.4, 6.2 and 9) as a model: what one phone and one service provider do, and what has to come
// of it. Written from the text, without cryptography: a ticket is any value, a PIN is right or wrong.
const LOCK_CODES = {
	DEVICE_VERIFICATION_FAILED: "LOCKED_DEVICE_VERIFICATION_FAILED",
	PIN_VERIFICATION_FAILED: "LOCKED_PIN_VERIFICATION_FAILED",
	DEVICE_OR_PIN_VERIFICATION_FAILED: "LOCKED",
	INCORRECT_SALT_KEY_ID: "LOCKED_INCORRECT_SALT_KEY_ID",
};
const NONE = null;

export class Model {
	constructor(limit, ticket) {
		Object.assign(this, { limit, failDevice: 0, failSecond: 0, tryOpen: false, deviceSeen: false, reason: "OPEN" });
		this.newest = ticket;
		this.accepted = new Set([ticket, NONE]); // a registration is started with none
		this.operation = null;
		this.session = null;
	}

	get locked() {
		return this.reason !== "OPEN";
	}

	get sum() {
		return this.failDevice + this.failSecond;
	}

	get remaining() {
		return Math.max(0, this.limit - this.sum);
	}

	fail(operation, errorCode) {
		if (operation?.state === "PENDING")
			Object.assign(operation, { state: "FAILED", errorCode });
	}

	lock(reason, tried) {
		this.reason = reason;
		this.fail(tried, LOCK_CODES[reason]);
		this.fail(this.operation, "LOCKED");
		this.session = null;
	}

	/** At the limit with no try open. */
	lockIfDue(tried) {
		if (this.locked || this.tryOpen || this.sum < this.limit)
			return false;
		this.lock(this.failSecond === 0 ? "DEVICE_VERIFICATION_FAILED"
			: this.failDevice === 0 && !this.deviceSeen ? "PIN_VERIFICATION_FAILED" : "DEVICE_OR_PIN_VERIFICATION_FAILED", tried);
		return true;
	}

	/** The session is over without success: an open try stays charged. */
	settle(tried) {
		this.session = null;
		this.tryOpen = false;
		return this.lockIfDue(tried);
	}

	// ---- by REST ----

	begin(level) {
		if (this.locked)
			return 400;
		this.fail(this.operation, "CANCELLED_BY_SP");
		this.operation = { level, state: "PENDING" };
		this.settle();
		return 200;
	}

	cancelByRest() {
		if (this.operation?.state !== "PENDING")
			return 400;
		this.fail(this.operation, "CANCELLED_BY_SP");
		this.settle();
		return 204;
	}

	lockByAdmin() {
		this.fail(this.operation, "LOCKED_BY_ADMIN");
		Object.assign(this, { reason: "LOCKED_BY_ADMIN", session: null });
	}

	unlock() {
		Object.assign(this, { reason: "OPEN", failDevice: 0, failSecond: 0, tryOpen: false, deviceSeen: false });
	}

	// ---- by the phone: what it hears, as a code, or "ok" with what is left ----

	start(ticket, signed) {
		if (!signed)
			return { code: 214 };
		if (this.locked)
			return { code: this.reason === "LOCKED_BY_ADMIN" ? 224 : 226 };
		if (!this.accepted.has(ticket)) {
			this.failDevice++;
			this.lockIfDue(this.operation);
			return { code: 214 };
		}
		if (this.operation?.state !== "PENDING")
			return { code: 208 };
		if (this.settle(this.operation))
			return { code: 226 };
		if (ticket === this.newest)
			this.accepted = new Set([ticket]);
		this.session = { evaluated: false, right: false, ticket };
		return { code: "ok", remaining: this.remaining };
	}

	pin(right) {
		if (!this.session)
			return { code: 208 };
		this.tryOpen = false;
		if (this.lockIfDue(this.operation))
			return { code: 226 };
		this.failSecond++;
		this.tryOpen = true;
		Object.assign(this.session, { evaluated: true, right });
		return { code: "ok", remaining: this.remaining };
	}

	pinWithOtherSalt() {
		if (!this.session)
			return { code: 208 };
		this.lock("INCORRECT_SALT_KEY_ID", this.operation);
		return { code: 214 };
	}

	/** ticket: what a success hands out */
	finish(method, deviceRight, ticket) {
		if (!this.session)
			return { code: 208 };
		const pin = method === "DEVICE_PIN";

		if (deviceRight && !pin && this.operation.level === "TWO_FACTOR")
			return { code: 232 };
		if (deviceRight && pin && !this.session.evaluated)
			return { code: 208 };
		return deviceRight && (!pin || this.session.right) ? this.succeed(pin, ticket) : this.failTry(!deviceRight);
	}

	failTry(deviceBad) {
		if (this.tryOpen)
			this.deviceSeen ||= deviceBad;
		else if (deviceBad)
			this.failDevice++;
		else
			this.failSecond++;
		this.tryOpen = false;
		return this.lockIfDue(this.operation) ? { code: 226 } : { code: 214, recoverable: true, remaining: this.remaining };
	}

	succeed(pin, ticket) {
		this.failDevice = 0;
		if (pin)
			Object.assign(this, { failSecond: 0, deviceSeen: false });
		this.tryOpen = false;
		this.operation.state = "COMPLETED";
		this.newest = ticket;
		this.accepted = new Set([ticket, this.session.ticket]);
		this.session = null;
		this.lockIfDue();
		return { code: "ok" };
	}

	cancel() {
		if (!this.session)
			return { code: 208 };
		this.fail(this.operation, "CANCELLED_BY_DEVICE");
		this.settle();
		return { code: "ok" };
	}
}
