import KeelDiagnostics

extension RuleDescription {
    static let noOfflineAccess = RuleDescription(
        .error, "Nothing asks for a refresh token",
        why:
            "Without a refresh token the account works for an hour after a person consented, and never again. Microsoft gives one for the scope offline_access (learn.microsoft.com, Scopes and permissions), OpenID Connect providers likewise (OpenID Connect Core section 11), and Google for the parameter access_type=offline (developers.google.com, Using OAuth 2.0 for Web Server Applications).",
        fix:
            "Add the scope offline_access; at Google add authorizationParameters: { access_type: offline, prompt: consent }. A profile that gives neither scopes nor parameters takes them from its preset.",
        before: "scopes: [https://outlook.office.com/IMAP.AccessAsUser.All]",
        after: "scopes: [https://outlook.office.com/IMAP.AccessAsUser.All, offline_access]")

    static let defaultScopeMixed = RuleDescription(
        .error, "A .default scope stands beside other scopes",
        why:
            ".default stands for everything that was consented to for its resource, and cannot be combined with single scopes (AADSTS70011; learn.microsoft.com, Scopes and permissions: the .default scope).",
        fix: "Keep either .default alone or the single scopes.",
        before: "scopes: [https://outlook.office365.com/.default, offline_access]",
        after: "scopes: [https://outlook.office365.com/.default]")

    static let defaultScopeWithPerson = RuleDescription(
        .warning, "A person is asked to consent to everything at once",
        why:
            ".default asks for all permissions in the application's registration, which reviewers of this manifest do not see and which may change without it. It is meant for applications that act for themselves.",
        fix:
            "Write the scopes that the accounts need, and offline_access; or leave scopes out for those of the preset.",
        before: "grant: authorization_code\nscopes: [https://outlook.office.com/.default]",
        after:
            "grant: authorization_code\nscopes: [https://outlook.office.com/IMAP.AccessAsUser.All, offline_access]")

    static let delegatedScopeWithApplication = RuleDescription(
        .error, "An application that acts for itself asks for the scopes of a person",
        why:
            "With client_credentials Microsoft takes the .default scope of one resource and nothing else (AADSTS1002012; learn.microsoft.com, OAuth 2.0 client credentials flow). What the application may do stands in its registration as application permissions, such as IMAP.AccessAsApp.",
        fix: "Remove scopes; the preset knows the right one.",
        before: "grant: client_credentials\nscopes: [https://outlook.office.com/IMAP.AccessAsUser.All]",
        after: "grant: client_credentials\nscopes: [https://outlook.office365.com/.default]")

    static let twoResources = RuleDescription(
        .error, "The scopes belong to two resources",
        why:
            "A Microsoft token is for one resource, and all scopes of a request must be from it (AADSTS28000, AADSTS70011; learn.microsoft.com, OAuth 2.0 authorization code flow). A mail server refuses a token for another resource, such as Microsoft Graph.",
        fix: "Keep the scopes of mail. What needs another resource needs a profile of its own.",
        before:
            "scopes: [https://outlook.office.com/IMAP.AccessAsUser.All, https://graph.microsoft.com/Mail.Read, offline_access]",
        after: "scopes: [https://outlook.office.com/IMAP.AccessAsUser.All, offline_access]")

    static let workScopeForPersonalAccount = RuleDescription(
        .error, "Personal accounts do not know the scopes of outlook.office365.com",
        why:
            "https://outlook.office365.com/... works in tenants of organizations. For personal accounts Microsoft answers invalid_scope; their scopes begin with https://outlook.office.com/.",
        fix: "Write https://outlook.office.com/ in place of https://outlook.office365.com/.",
        before: "tenant: consumers\nscopes: [https://outlook.office365.com/IMAP.AccessAsUser.All, offline_access]",
        after: "tenant: consumers\nscopes: [https://outlook.office.com/IMAP.AccessAsUser.All, offline_access]")

    static let scopeOfOtherProvider = RuleDescription(
        .error, "A scope belongs to the mail of another provider or cloud",
        why:
            "Login, scopes and servers of a cloud belong together. In another one the resource is not known (Microsoft: AADSTS500011), or it is that of another provider.",
        fix: "Leave out scopes for what the accounts need, or name the right provider or cloud.",
        before: "cloud: gcc-high\nscopes: [https://outlook.office.com/IMAP.AccessAsUser.All, offline_access]",
        after: "cloud: gcc-high")

    static let missingMailScope = RuleDescription(
        .error, "The scopes do not allow the protocol of an account",
        why:
            "Each protocol has a scope of its own at most providers. With the scopes of another one the token is issued, and the mail server refuses it with no more than AUTHENTICATE failed.",
        fix:
            "Add the scope of the protocol to the profile; mailkeel providers NAME lists them. A consent that grows needs the person again.",
        before:
            "scopes: [https://outlook.office.com/IMAP.AccessAsUser.All, offline_access]   # and an account of type: smtp",
        after:
            "scopes: [https://outlook.office.com/IMAP.AccessAsUser.All, https://outlook.office.com/SMTP.Send, offline_access]"
    )
}
