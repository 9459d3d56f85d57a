import Glibc
import KeelBase

extension FileFailure {
    /// A failed system call; `number` is its `errno`.
    init(_ operation: String, _ path: String, errno number: Int32) {
        self.init(
            code: Self.code(number), path: path, operation: operation, reason: Self.words(number))
    }

    private static func code(_ number: Int32) -> Code {
        switch number {
        case EACCES, EPERM: .permissionDenied
        case ENOSPC, EDQUOT: .noSpace
        case EROFS: .readOnly
        case EISDIR: .isDirectory
        case ENOTDIR: .notDirectory
        case EFBIG, EOVERFLOW: .tooLarge
        case EEXIST: .exists
        default: .other
        }
    }

    /// The system's words; `ELOOP` here means a symbolic link where none is followed, which its own words hide.
    private static func words(_ number: Int32) -> String {
        if number == ELOOP { return "is a symbolic link, which is not followed here" }
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }
}
