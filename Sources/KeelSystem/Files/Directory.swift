import Glibc
import KeelBase

/// Directories: making, listing, and making a change of names durable.
enum Directory {
    /// The directory of `path`: what stands before the last slash.
    static func containing(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of `path`.
    static func lastPart(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[path.index(after: slash)...])
    }

    /// A new or renamed file survives a crash only when its directory has been synchronized too.
    static func synchronize(containing path: String) throws(FileFailure) {
        try Descriptor(opening: containing(path), O_RDONLY | O_DIRECTORY).synchronize()
    }

    /// Makes the directory and those above it, each with mode 0700.
    static func create(_ path: String) throws(FileFailure) {
        if unsafe mkdir(path, 0o700) == 0 {
            // A umask can only have taken the owner's own rights; give them back.
            guard unsafe chmod(path, 0o700) == 0 else { throw FileFailure("chmod", path, errno: errno) }
            return try synchronize(containing: path)
        }
        switch errno {
        case EEXIST:
            var value = stat()
            guard unsafe stat(path, &value) == 0 else { throw FileFailure("stat", path, errno: errno) }
            guard value.st_mode & S_IFMT == S_IFDIR else { throw FileFailure("mkdir", path, errno: ENOTDIR) }
        case ENOENT where containing(path) != path && !path.isEmpty:
            try create(containing(path))
            try create(path)
        default: throw FileFailure("mkdir", path, errno: errno)
        }
    }

    /// The names in byte order, without `.` and `..`.
    static func entries(of path: String) throws(FileFailure) -> [DirectoryEntry] {
        guard let stream = unsafe opendir(path) else { throw FileFailure("opendir", path, errno: errno) }
        defer { unsafe closedir(stream) }
        var entries: [DirectoryEntry] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                guard errno == 0 else { throw FileFailure("readdir", path, errno: errno) }
                break
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            unsafe entries.append(DirectoryEntry(name: name, kind: kind(entry.pointee.d_type, "\(path)/\(name)")))
        }
        return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func isLink(_ path: String) -> Bool {
        var value = stat()
        return unsafe lstat(path, &value) == 0 && value.st_mode & S_IFMT == S_IFLNK
    }

    private static func kind(_ type: UInt8, _ path: String) -> DirectoryEntry.Kind {
        switch Int(type) {
        case Int(DT_REG): return .file
        case Int(DT_DIR): return .directory
        case Int(DT_UNKNOWN), Int(DT_LNK):
            // Some file systems do not say. Of a link to a file the target counts; a link to a directory may lead back.
            var value = stat()
            guard unsafe stat(path, &value) == 0 else { return .other }
            switch value.st_mode & S_IFMT {
            case S_IFREG: return .file
            case S_IFDIR: return Int(type) == Int(DT_LNK) || isLink(path) ? .other : .directory
            default: return .other
            }
        default: return .other
        }
    }
}
