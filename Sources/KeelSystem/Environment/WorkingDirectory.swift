import Glibc

/// The directory in which the process works.
package enum WorkingDirectory {
    /// `path` as an absolute path; as it is, if the system does not say where we are.
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let buffer = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(buffer) }
        let here = unsafe String(cString: buffer)
        return here.hasSuffix("/") ? here + path : "\(here)/\(path)"
    }

    /// `path` as seen from here, without a needless `./`, if it lies below; else as it is.
    package static func relative(_ path: String) -> String {
        var path = path
        let here = absolute("")
        if here.hasSuffix("/"), path.hasPrefix(here) { path.removeFirst(here.count) }
        while path.hasPrefix("./") { path.removeFirst(2) }
        return path
    }
}
