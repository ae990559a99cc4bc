/* The Kotlin side of the binding: what rid_jni.c gives, and a loop that performs the steps. */
package com.example

/* Handles, and one function for each of C's. Text is UTF-8. */
object Rid {
    init { System.loadLibrary("rid_jni") }

    @JvmStatic external fun open(serverUrl: ByteArray, applicationId: ByteArray, publicKey: ByteArray, os: ByteArray, deviceHash: ByteArray,
                                 slot: ByteArray, storageKey: ByteArray): Long
    @JvmStatic external fun close(h: Long)

    @JvmStatic external fun kind(h: Long): Long
    @JvmStatic external fun url(h: Long): ByteArray
    @JvmStatic external fun contentType(h: Long): ByteArray
    @JvmStatic external fun body(h: Long): ByteArray
    @JvmStatic external fun timeoutMs(h: Long): Long
    @JvmStatic external fun recordName(h: Long): ByteArray
    @JvmStatic external fun record(h: Long): ByteArray
    @JvmStatic external fun generation(h: Long): Long
    @JvmStatic external fun keyHandle(h: Long): ByteArray
    @JvmStatic external fun keyMessage(h: Long): ByteArray
    @JvmStatic external fun keyMethod(h: Long): Long
    @JvmStatic external fun waitMs(h: Long): Long
    @JvmStatic external fun title(h: Long): ByteArray?
    @JvmStatic external fun mime(h: Long): ByteArray?
    @JvmStatic external fun content(h: Long): ByteArray?
    @JvmStatic external fun methods(h: Long): Long
    @JvmStatic external fun attemptsRemaining(h: Long): Long
    @JvmStatic external fun failure(h: Long): Long
    @JvmStatic external fun failureTitle(h: Long): ByteArray
    @JvmStatic external fun repeatable(h: Long): Long
    @JvmStatic external fun recoverable(h: Long): Long
    @JvmStatic external fun remaining(h: Long): Long
    @JvmStatic external fun registrationId(h: Long): ByteArray?

    @JvmStatic external fun load(h: Long)
    @JvmStatic external fun startActivation(h: Long, code: ByteArray)
    @JvmStatic external fun finishActivation(h: Long, methods: Int, deviceName: ByteArray?, pin: ByteArray?)
    @JvmStatic external fun startAuthentication(h: Long)
    @JvmStatic external fun startSigning(h: Long)
    @JvmStatic external fun finish(h: Long, method: Int, pin: ByteArray?)
    @JvmStatic external fun cancelSession(h: Long)
    @JvmStatic external fun pending(h: Long, waitMs: Int)
    @JvmStatic external fun deactivate(h: Long)
    @JvmStatic external fun repeat(h: Long)

    @JvmStatic external fun sent(h: Long, status: Int, answer: ByteArray)
    @JvmStatic external fun notSent(h: Long, error: Int)
    @JvmStatic external fun loaded(h: Long, bytes: ByteArray?, generation: Long)
    @JvmStatic external fun unavailable(h: Long, backup: Boolean)
    @JvmStatic external fun stored(h: Long, worked: Boolean)
    @JvmStatic external fun keyMade(h: Long, publicKey: ByteArray)
    @JvmStatic external fun signed(h: Long, signature: ByteArray)
    @JvmStatic external fun keyFailed(h: Long, why: Int)
    @JvmStatic external fun waited(h: Long)
    @JvmStatic external fun notLocated(h: Long)
    @JvmStatic external fun notAttested(h: Long)
    @JvmStatic external fun noPushCame(h: Long)
}

/* In the order of rid_step_kind. */
enum class Kind { DONE, FAILED, SHOW, ASK_PIN, SEND, LOAD, STORE, ERASE, MAKE_KEY, SIGN, DROP_KEY, WAIT, ATTEST, LOCATE, AWAIT_PUSH, BACK_UP,
    LOAD_BACKUP, FORGET_BACKUP }

const val METHOD_DEVICE = 1
const val METHOD_DEVICE_PIN = 2
const val CONNECTION_FAILURE = 101
const val KEY_REFUSED = 0
const val KEY_GONE = 1
const val KEY_BROKEN = 2

class Answer(val status: Int, val body: ByteArray)
class Record(val bytes: ByteArray?, val generation: Long)
class KeyTrouble(val why: Int) : Exception()

/* What the app has around it. Each may throw; that is handed back as a failure. */
interface Surroundings {
    fun post(url: String, contentType: String, body: ByteArray, timeoutMs: Int): Answer
    fun load(name: String): Record
    fun store(name: String, bytes: ByteArray, generation: Long)
    fun erase(name: String)
    fun makeKey(handle: String, method: Int): ByteArray
    fun sign(handle: String, message: ByteArray): ByteArray
    fun dropKey(handle: String)
}

/* What ended a call, or is to be shown. */
class Outcome(val kind: Kind, val failure: Int, val title: String, val repeatable: Boolean, val recoverable: Boolean, val remaining: Int,
              val contextTitle: String?, val mime: String?, val content: ByteArray?, val attemptsRemaining: Int)

/* One registration. It belongs to one thread: on Android newSingleThreadContext, or a HandlerThread. */
class Device(private val around: Surroundings, serverUrl: String, applicationId: String, publicKey: String, os: String, deviceHash: String,
             storageKey: ByteArray) : java.io.Closeable {
    private val h = Rid.open(serverUrl.toByteArray(), applicationId.toByteArray(), publicKey.toByteArray(), os.toByteArray(),
        deviceHash.toByteArray(), "default".toByteArray(), storageKey)

    init { require(h != 0L) { "the configuration is of no use" } }

    val registrationId get() = Rid.registrationId(h)?.let { String(it) }

    fun load() = call { Rid.load(h) }
    fun startActivation(code: ByteArray) = call { Rid.startActivation(h, code) }
    fun finishActivation(methods: Int, name: String?, pin: ByteArray?) = call { Rid.finishActivation(h, methods, name?.toByteArray(), pin) }
    fun startAuthentication() = call { Rid.startAuthentication(h) }
    fun startSigning() = call { Rid.startSigning(h) }
    fun finish(method: Int, pin: ByteArray?) = call { Rid.finish(h, method, pin) }
    fun cancel() = call { Rid.cancelSession(h) }
    fun deactivate() = call { Rid.deactivate(h) }
    fun repeat() = call { Rid.repeat(h) }
    override fun close() = Rid.close(h)

    private fun call(begin: () -> Unit): Outcome {
        begin()
        while (kind() >= Kind.SEND) perform()
        return Outcome(kind(), Rid.failure(h).toInt(), if (kind() == Kind.FAILED) String(Rid.failureTitle(h)) else "",
            Rid.repeatable(h) != 0L, Rid.recoverable(h) != 0L, Rid.remaining(h).toInt(), Rid.title(h)?.let { String(it) },
            Rid.mime(h)?.let { String(it) }, Rid.content(h), Rid.attemptsRemaining(h).toInt())
    }

    private fun kind() = Kind.values()[Rid.kind(h).toInt()]

    private fun perform() {
        when (kind()) {
            Kind.SEND -> send()
            Kind.LOAD -> load(String(Rid.recordName(h)))
            Kind.STORE -> stored { around.store(String(Rid.recordName(h)), Rid.record(h), Rid.generation(h)) }
            Kind.ERASE -> stored { around.erase(String(Rid.recordName(h))) }
            Kind.MAKE_KEY -> withKey { Rid.keyMade(h, around.makeKey(String(Rid.keyHandle(h)), Rid.keyMethod(h).toInt())) }
            Kind.SIGN -> withKey { Rid.signed(h, around.sign(String(Rid.keyHandle(h)), Rid.keyMessage(h))) }
            Kind.DROP_KEY -> stored { around.dropKey(String(Rid.keyHandle(h))) }
            Kind.WAIT -> { Thread.sleep(Rid.waitMs(h)); Rid.waited(h) }
            Kind.LOCATE -> Rid.notLocated(h)
            Kind.ATTEST -> Rid.notAttested(h)
            Kind.AWAIT_PUSH -> Rid.noPushCame(h)
            Kind.LOAD_BACKUP -> Rid.unavailable(h, true)
            else -> Rid.stored(h, false)
        }
    }

    private fun send() {
        val answer = try {
            around.post(String(Rid.url(h)), String(Rid.contentType(h)), Rid.body(h), Rid.timeoutMs(h).toInt())
        } catch (e: Exception) {
            null
        }
        if (answer != null) Rid.sent(h, answer.status, answer.body) else Rid.notSent(h, CONNECTION_FAILURE)
    }

    private fun load(name: String) {
        val record = try { around.load(name) } catch (e: Exception) { null }
        if (record != null) Rid.loaded(h, record.bytes, record.generation) else Rid.unavailable(h, false)
    }

    private fun stored(what: () -> Unit) {
        val worked = try { what(); true } catch (e: Exception) { false }
        Rid.stored(h, worked)
    }

    private fun withKey(what: () -> Unit) {
        try {
            what()
        } catch (e: KeyTrouble) {
            Rid.keyFailed(h, e.why)
        } catch (e: Exception) {
            Rid.keyFailed(h, KEY_BROKEN)
        }
    }
}
