// What can become of a message, and of its answer, on the way between an app and the server.
const FAILED_TO_CONNECT = 101; // as the SDK numbers them
const TIMED_OUT = 120;

export const unsent = (error = FAILED_TO_CONNECT) => ({ call: "not_sent", error });

export const MISHAPS = {
	async lost() { return unsent(); },
	async unanswered(deliver) {
		await deliver();
		return unsent(TIMED_OUT);
	},
	async twice(deliver) {
		await deliver();
		return deliver();
	},
	async garbled(deliver) {
		const back = await deliver();

		back.answer[back.answer.length >> 1] ^= 1;
		return back;
	},
	/** A gateway speaks for itself. */
	async replaced(deliver) {
		await deliver();
		return { call: "sent", status: 504, answer: Buffer.from("<html>") };
	},
};
