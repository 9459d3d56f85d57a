import Glibc
import KeelBase

/// A second name of a file: it costs nothing, and stays what it is, because no file is ever changed in place.
enum HardLink {
    /// Makes it durably. False where there are no links, or none across these places.
    static func make(of path: String, as other: String) throws(FileFailure) -> Bool {
        // What a path leads to is kept, not a symbolic link to where something else may stand tomorrow.
        if unsafe linkat(AT_FDCWD, path, AT_FDCWD, other, AT_SYMLINK_FOLLOW) == 0 {
            try Directory.synchronize(containing: other)
            return true
        }
        let number = errno
        guard [EPERM, ENOTSUP, ENOSYS, EXDEV, EMLINK].contains(number) else {
            throw FileFailure("link", other, errno: number)
        }
        return false
    }

    /// Whether both names are of one file.
    static func exists(of path: String, as other: String) -> Bool {
        var one = stat()
        var two = stat()
        guard unsafe stat(path, &one) == 0, unsafe stat(other, &two) == 0 else { return false }
        return one.st_dev == two.st_dev && one.st_ino == two.st_ino
    }
}
