import Glibc
import KeelBase

/// Runs `body` with the path of a new, empty directory (mode 0700), which is removed at the end with all that is in it.
package func withScratchDirectory<Result>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (String) async throws -> Result
) async throws -> Result {
    let path = try ScratchDirectory.make()
    defer { ScratchDirectory.remove(path) }
    return try await body(path)
}

/// Making and removing scratch directories, for tests that cannot use a closure.
package enum ScratchDirectory {
    /// The system would not give a directory.
    package struct Unavailable: Error {
        package let errno: Int32
    }

    /// A new, empty directory below `base`, else `TMPDIR`, else `/tmp`.
    package static func make(below base: String? = nil) throws -> String {
        let usual = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(base ?? usual)/mailkeel-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw Unavailable(errno: errno) }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes a directory with all that is in it; links are removed, not followed.
    package static func remove(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unsafe unlink(path)
            return
        }
        _ = unsafe chmod(path, 0o700)
        for name in names(in: path) { remove("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    /// The names in a directory, in order.
    package static func names(in path: String) -> [String] {
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
