import Glibc

/// Which machine, process and user this is.
package enum HostIdentity {
    /// The host's name; `localhost` if the system does not say.
    package static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The numeric id of the effective user.
    package static var userID: UInt32 { geteuid() }

    /// The name of the effective user; nil if the user database has none, as in many containers.
    package static var userName: String? {
        var record = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        let capacity = buffer.count
        let status = unsafe getpwuid_r(geteuid(), &record, &buffer, capacity, &found)
        guard status == 0, unsafe found != nil, let name = unsafe record.pw_name else { return nil }
        let text = unsafe String(cString: name)
        return text.isEmpty ? nil : text
    }

    /// The id of this process.
    package static var processID: Int32 { getpid() }
}
