/// What may stand on the lines of SMTP.
enum SMTPText {
    /// What can stand between angle brackets (RFC 5321 section 4.5.3.1.3 for the length).
    static func isAddress(_ text: String) -> Bool {
        text.utf8.count <= 254 && text.contains("@")
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
            }
    }

    /// A name, or an address in brackets, with which a client may greet (RFC 5321 section 4.1.3).
    static func isHostName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { $0.isLetterOrDigit || punctuation.contains($0) }
    }

    private static let punctuation = Set(".-:[]".utf8)
}
