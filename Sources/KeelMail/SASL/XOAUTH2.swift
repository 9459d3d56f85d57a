import KeelBase

/// The SASL mechanism XOAUTH2, as Google defined it and Microsoft took it over.
package struct XOAUTH2: Sendable {
    /// What the client sends first, and only once: `user=`, `auth=Bearer`, in base 64.
    package let initialResponse: Secret
    /// What the client answers to a challenge: an empty line. A challenge only ever brings an error.
    package static let answerToChallenge: [UInt8] = []

    /// Throws `unusable_user_name` or `unusable_token` when a value would end its field or line early.
    package init(userName: String, accessToken: Secret) throws(MailFailure) {
        let user = Array(userName.utf8)
        guard !user.isEmpty, user.allSatisfy({ !Self.separators.contains($0) }) else {
            throw MailFailure(.unusableUserName)
        }
        let token = accessToken.reveal()
        // Printable ASCII (RFC 6749 appendix A.12).
        guard !token.isEmpty, token.allSatisfy({ $0 >= 0x20 && $0 <= 0x7E }) else { throw MailFailure(.unusableToken) }
        let message = Array("user=".utf8) + user + [1] + Array("auth=Bearer ".utf8) + token + [1, 1]
        initialResponse = Secret(copying: Base64.encode(message))
    }

    /// NUL, ^A, LF, CR.
    private static let separators: Set<UInt8> = [0x00, 0x01, 0x0A, 0x0D]
}

extension XOAUTH2 {
    /// Why the server refuses, in the JSON that it sends as a challenge.
    ///
    /// Every member is the server's word, cleaned; `status` is an HTTP status in digits (`400`, `401`).
    package struct Challenge: Sendable, Hashable, CustomStringConvertible {
        package let status: ForeignText?
        package let schemes: ForeignText?
        /// The scope that the server would want.
        package let scope: ForeignText?

        /// Reads the base 64 after `+`; nil if it is no such JSON. `mask` cuts out what the server repeats of the credential.
        init?(base64 text: some Sequence<UInt8>, mask: inout CredentialMask) {
            guard let decoded = Base64.decode(text), let json = try? JSON(parsing: mask.applied(to: decoded)),
                json.members != nil
            else { return nil }
            status = Self.word(json["status"])
            schemes = Self.word(json["schemes"])
            scope = Self.word(json["scope"])
        }

        /// The members that are there: `status 401, schemes bearer, scope mail`.
        package var description: String {
            let members = [("status", status), ("schemes", schemes), ("scope", scope)]
            return members.compactMap { name, word in word.map { "\(name) \($0)" } }.joined(separator: ", ")
        }

        private static func word(_ value: JSON?) -> ForeignText? {
            switch value {
            case .string(let text)? where !text.isEmpty: ForeignText(text)
            case .integer(let number)?: ForeignText(String(number))
            default: nil
            }
        }
    }
}
