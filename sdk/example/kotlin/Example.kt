/*
 * The binding on a JVM, with files, java.net and java.security where Android has its own: AtomicFile in noBackupFilesDir, OkHttp, and
 * the Android Keystore, whose KeyPairGenerator and Signature are used as those here are.
 *
 *     example DIRECTORY SERVER-URL APPLICATION-ID PUBLIC-KEY register CODE PIN | approve PIN | sign PIN | decline | deactivate
 */
package com.example

import java.io.File
import java.net.HttpURLConnection
import java.net.URL
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.SecureRandom
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.PKCS8EncodedKeySpec
import kotlin.system.exitProcess

class Computer(private val directory: File) : Surroundings {
    override fun post(url: String, contentType: String, body: ByteArray, timeoutMs: Int): Answer {
        val connection = URL(url).openConnection() as HttpURLConnection
        connection.instanceFollowRedirects = false
        connection.connectTimeout = timeoutMs
        connection.readTimeout = timeoutMs
        connection.doOutput = true
        connection.setRequestProperty("Content-Type", contentType)
        connection.outputStream.use { it.write(body) }
        val status = connection.responseCode
        val stream = if (status < 400) connection.inputStream else connection.errorStream
        return Answer(status, stream?.use { it.readBytes() } ?: ByteArray(0))
    }

    override fun load(name: String) = Record(bytesOf("$name.record"), bytesOf("$name.generation")?.let { String(it).toLong() } ?: 0)

    /* First the record, then its number. */
    override fun store(name: String, bytes: ByteArray, generation: Long) {
        replace("$name.record", bytes)
        replace("$name.generation", generation.toString().toByteArray())
    }

    override fun erase(name: String) {
        Files.deleteIfExists(File(directory, "$name.record").toPath())
    }

    /* The point as it is: 04, x, y. */
    override fun makeKey(handle: String, method: Int): ByteArray {
        val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        val point = (pair.public as ECPublicKey).w
        replace("$handle.key", pair.private.encoded)
        return byteArrayOf(4) + bytes32(point.affineX.toByteArray()) + bytes32(point.affineY.toByteArray())
    }

    /* In DER, which is taken as it is. */
    override fun sign(handle: String, message: ByteArray): ByteArray {
        val encoded = bytesOf("$handle.key") ?: throw KeyTrouble(KEY_GONE)
        val key = KeyFactory.getInstance("EC").generatePrivate(PKCS8EncodedKeySpec(encoded))
        return Signature.getInstance("SHA256withECDSA").run { initSign(key); update(message); sign() }
    }

    override fun dropKey(handle: String) {
        Files.deleteIfExists(File(directory, "$handle.key").toPath())
    }

    /* On Android a key of the Keystore seals it; here it lies beside what it seals. */
    fun storageKey(): ByteArray = bytesOf("storage.key") ?: ByteArray(32).also { SecureRandom().nextBytes(it); replace("storage.key", it) }

    private fun bytesOf(name: String) = File(directory, name).let { if (it.exists()) it.readBytes() else null }

    private fun replace(name: String, bytes: ByteArray) {
        val fresh = File(directory, "$name~")
        fresh.outputStream().use { it.write(bytes); it.fd.sync() }
        Files.move(fresh.toPath(), File(directory, name).toPath(), ATOMIC_MOVE)
    }

    private fun bytes32(number: ByteArray) = (ByteArray(32) + number).let { it.copyOfRange(it.size - 32, it.size) }
}

fun ended(outcome: Outcome, done: String): Int {
    println(if (outcome.kind == Kind.DONE) done else "${outcome.failure} ${outcome.title}, ${outcome.remaining} left")
    return if (outcome.kind == Kind.DONE) 0 else 1
}

fun register(device: Device, code: String, pin: String): Int {
    var outcome = device.startActivation(code.toByteArray())
    if (outcome.kind == Kind.SHOW) {
        val secret = pin.toByteArray()
        outcome = device.finishActivation(METHOD_DEVICE_PIN, "Kotlin \uD83D\uDE00", secret)
        check(secret.all { it == 0.toByte() }) { "the PIN is still there" }
    }
    return ended(outcome, "Registered ${device.registrationId}")
}

fun approve(device: Device, started: Outcome, pin: String): Int {
    if (started.kind != Kind.SHOW) return ended(started, "")
    println("${started.contextTitle}\n${started.content?.let { String(it) }}")
    return ended(device.finish(METHOD_DEVICE_PIN, pin.toByteArray()), "Approved.")
}

fun decline(device: Device): Int {
    val started = device.startAuthentication()
    return if (started.kind == Kind.SHOW) ended(device.cancel(), "Declined.") else ended(started, "")
}

fun main(args: Array<String>) {
    val computer = Computer(File(args[0]))
    val code = Device(computer, args[1], args[2], args[3], "Android", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        computer.storageKey()).use { device ->
        val loaded = device.load()
        if (loaded.kind == Kind.FAILED) ended(loaded, "") else when (args[4]) {
            "register" -> register(device, args[5], args[6])
            "approve" -> approve(device, device.startAuthentication(), args[5])
            "sign" -> approve(device, device.startSigning(), args[5])
            "decline" -> decline(device)
            "deactivate" -> ended(device.deactivate(), "Removed.")
            else -> 2
        }
    }
    exitProcess(code)
}
