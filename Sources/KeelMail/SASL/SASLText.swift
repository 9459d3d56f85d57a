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
    /// With a mechanism that shows it to the server (PLAIN, LOGIN), what is not ASCII goes as it is: a server that prepares
    /// what it stores prepares what it is told. `preparedPassword` is for those that only compute with it.
    static func password(_ password: Secret) throws(MailFailure) -> [UInt8] {
        let bytes = password.reveal()
        guard !bytes.isEmpty, bytes.allSatisfy({ !separators.contains($0) }) else {
            throw MailFailure(.unusablePassword)
        }
        return bytes
    }

    /// The password as SCRAM computes with it (RFC 5802 sections 2.2 and 5.1). Throws where it cannot be prepared.
    static func preparedPassword(_ password: Secret) throws(MailFailure) -> [UInt8] {
        guard let prepared = SASLPrep.prepared(try self.password(password)) else {
            throw MailFailure(.unpreparablePassword)
        }
        return prepared
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
