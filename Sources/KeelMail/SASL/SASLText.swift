import KeelBase

/// What user names and passwords may hold, and how mechanisms write them.
enum SASLText {
    /// Throws when a name is empty or would end its field or line early.
    static func userName(_ name: String) throws(MailFailure) -> [UInt8] {
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty, bytes.allSatisfy({ !separators.contains($0) }) else {
            throw MailFailure(.unusableUserName)
        }
        return bytes
    }

    /// Throws when a password is empty or would end its field or line early.
    ///
    /// What is not ASCII goes as it is: servers that prepare what they store (RFC 4013) prepare what they are told.
    static func password(_ password: Secret) throws(MailFailure) -> [UInt8] {
        let bytes = password.reveal()
        guard !bytes.isEmpty, bytes.allSatisfy({ !separators.contains($0) }) else {
            throw MailFailure(.unusablePassword)
        }
        return bytes
    }

    /// A name in which `,` and `=` separate nothing (RFC 5801 section 4, RFC 5802 section 5.1).
    static func gs2Name(_ name: [UInt8]) -> [UInt8] {
        name.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: ","): Array("=2C".utf8)
            case UInt8(ascii: "="): Array("=3D".utf8)
            default: [byte]
            }
        }
    }

    /// NUL, ^A, LF, CR.
    private static let separators: Set<UInt8> = [0x00, 0x01, 0x0A, 0x0D]
}
