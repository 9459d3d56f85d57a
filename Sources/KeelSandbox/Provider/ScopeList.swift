/// The `scope` parameter (RFC 6749 section 3.3).
enum ScopeList {
    /// The scopes to grant, in the order asked for, each once; all `allowed` ones when none was asked for.
    static func granted(_ asked: String?, of allowed: [String]) throws(OAuthRefusal) -> [String] {
        guard let asked else { return allowed }
        var granted: [String] = []
        for scope in asked.split(separator: " ", omittingEmptySubsequences: false) {
            guard !scope.isEmpty, scope.utf8.allSatisfy(isScopeCharacter) else {
                throw OAuthRefusal(.invalidScope, "the scope is malformed")
            }
            guard allowed.contains(String(scope)) else {
                throw OAuthRefusal(.invalidScope, "the client may not ask for this scope")
            }
            if !granted.contains(String(scope)) { granted.append(String(scope)) }
        }
        return granted
    }

    /// NQCHAR of RFC 6749 appendix A.
    private static func isScopeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}
