/// Compares the scopes that were granted with those that were asked for, by the rules under which providers name them.
package enum ScopeComparison {
    /// Those of `declared` that `granted` lacks, in their order.
    package static func missing(_ declared: [String], from granted: [String]) -> [String] {
        let known = Set(granted.flatMap(words).map(canonical))
        return declared.filter { !isLeftOut($0) && !known.contains(canonical($0)) }
    }

    /// Zoho and some others put commas between scopes; no scope of theirs holds one.
    private static func words(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    /// What an answer need not repeat: `.default` stands for whatever was consented to, and the others speak of the refresh token
    /// and the ID token, which are there or are not.
    private static func isLeftOut(_ scope: String) -> Bool {
        scope.hasSuffix("/.default") || ["openid", "offline_access", "profile", "email"].contains(scope)
    }

    /// One spelling for scopes that a provider takes for one.
    private static func canonical(_ scope: String) -> String {
        for audience in microsoftAudiences where scope.lowercased().hasPrefix(audience) {
            // Asked for by one name of the resource and named by another, or by none (Microsoft's are case-insensitive).
            return scope.dropFirst(audience.count).lowercased()
        }
        if microsoftMail.contains(scope.lowercased()) { return scope.lowercased() }
        if scope == "https://mail.google.com" { return "https://mail.google.com/" }
        return scope
    }

    /// The names of Exchange Online in Microsoft's clouds.
    private static let microsoftAudiences = [
        "https://outlook.office.com/", "https://outlook.office365.com/", "https://outlook.office365.us/",
        "https://outlook-dod.office365.us/", "https://partner.outlook.cn/", "https://ps.outlook.com/",
    ]

    private static let microsoftMail: Set<String> = [
        "imap.accessasuser.all", "pop.accessasuser.all", "smtp.send", "imap.accessasapp", "pop.accessasapp",
        "smtp.sendasapp",
    ]
}
