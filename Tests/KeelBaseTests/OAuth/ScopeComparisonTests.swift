import KeelBase
import Testing

struct ScopeComparisonTests {
    /// What was asked for, what was granted, and what is missing then.
    private static let table: [([String], [String], [String])] = [
        (["mail.imap"], ["mail.imap"], []),
        (["mail.imap", "mail.smtp"], ["mail.imap"], ["mail.smtp"]),
        (["mail.imap"], ["mail.imap", "profile"], []),
        // RFC 6749 section 3.3: scopes are case-sensitive, but for the providers that say otherwise.
        (["mail.imap"], ["MAIL.IMAP"], ["mail.imap"]),
        (["openid", "offline_access", "email", "profile", "mail"], ["mail"], []),
        (["https://outlook.office365.com/.default"], ["https://outlook.office365.com/IMAP.AccessAsApp"], []),
        (
            ["https://outlook.office.com/IMAP.AccessAsUser.All"],
            ["https://outlook.office365.com/imap.accessasuser.all"], []
        ),
        (["https://outlook.office.com/SMTP.Send"], ["SMTP.Send"], []),
        (
            ["https://outlook.office.com/SMTP.Send"], ["https://outlook.office.com/IMAP.AccessAsUser.All"],
            ["https://outlook.office.com/SMTP.Send"]
        ),
        // Another resource's scope of that name is another scope.
        (
            ["https://outlook.office.com/Mail.Read"], ["https://graph.microsoft.com/Mail.Read"],
            ["https://outlook.office.com/Mail.Read"]
        ),
        (["https://mail.google.com/"], ["https://mail.google.com"], []),
        (["ZohoMail.messages.ALL", "ZohoMail.folders.ALL"], ["ZohoMail.messages.ALL,ZohoMail.folders.ALL"], []),
    ]

    @Test(arguments: table)
    func `scopes are compared as providers name them`(declared: [String], granted: [String], missing: [String]) {
        #expect(ScopeComparison.missing(declared, from: granted) == missing)
    }
}
