import KeelBase

extension ProviderError {
    /// What Mailkeel finds itself in an answer that names no error.
    static let findings = [
        error(
            .oauth, "empty_refusal", "the provider refused without a word, most often a wrong client id or secret",
            .ambiguous, by: .appAdministrator,
            fix:
                "compare client.id and the secret's source with the application's registration; the provider's own log says more"
        ),
        error(
            .oauth, "http_error", "the provider answered with an HTTP error instead of a token", .transient,
            fix: "try again later; if it stays, check endpoints.token or issuer",
            more: "A proxy, a captive portal or a load balancer answers so too."),
        error(
            .oauth, "no_refresh_token", "the provider gave no refresh token, so nothing can be renewed", .fixManifest,
            fix:
                "declare the scope that asks for one, offline_access at most providers, then run mailkeel authorize",
            more: "Some providers ask for a parameter instead; mailkeel providers shows what each wants."),
        error(
            .oauth, "possible_rotation_loss",
            "a renewal broke off, and the provider takes none of the tokens that are kept",
            .reauthorize, fix: "run mailkeel authorize for the authorization that the failure names",
            more: "The provider may have issued a token that was never received: a process died, or an answer was lost."
        ),
        error(
            .oauth, "endpoint_resting", "the token endpoint failed several times in a row, or asked to be left alone",
            .transient, fix: "wait some minutes; if it stays, look at the failures that came before"),
        error(
            .oauth, "malformed_response", "what answered is not an OAuth endpoint, or not in order", .ambiguous,
            by: .manifestAuthor,
            fix: "check endpoints.token or issuer; a proxy or a login page may stand in between"),
        error(
            .oauth, "unusable_answer", "what the browser brought back does not belong to this request", .reauthorize,
            fix:
                "give the address that the newest link ended at: that link stays good until it expires; or run mailkeel authorize again",
            more:
                "It came of an older link, from another provider, or somebody else made it (RFC 6749 section 10.12, RFC 9207)."
        ),
        error(
            .oauth, "invalid_issuer", "the issuer is no usable URL", .fixManifest, fix: "correct spec.issuer"),
        error(
            .oauth, "metadata_not_found", "no OAuth or OpenID metadata was found below this issuer", .fixManifest,
            fix: "check spec.issuer, or give endpoints.token"),
        error(
            .oauth, "metadata_mismatch", "the metadata found there is another issuer's (RFC 8414 section 3.3)",
            .fixManifest, fix: "write spec.issuer exactly as the provider's metadata names it"),
        error(
            .oauth, "refused_before", "the same credential was refused before and is not offered again", .fixClient,
            fix:
                "put the right secret where it comes from; if the provider was mended instead, run again with --retry-refused",
            more: "Repeated refusals lock applications and users out."),
        error(
            .oauth, "credential_unusable", "what the client should show itself with lacks something or cannot be used",
            .fixManifest, fix: "do what the failure's help says of the field that it names",
            more: "Nothing was sent. What a key file may hold is in docs/unattended.md."),
        error(
            .oauth, "endpoint_missing", "the grant needs an endpoint that nothing names", .fixManifest,
            fix: "write it under endpoints, or change spec.grant"),
        error(
            .oauth, "endpoint_off_site", "the issuer's metadata put an endpoint on another site", .fixManifest,
            fix: "if credentials may be sent there, list the endpoint under endpoints; if not, ask the provider",
            more: "A document that is wrong or forged could send credentials anywhere."),
        error(
            .oauth, "no_revocation_endpoint", "the provider has no way to end a grant that is known here", .fixManifest,
            by: .user,
            fix: "remove the application's access in the user's account, or write endpoints.revocation",
            more: "The grant is out of use here all the same."),
        error(
            .oauth, "unrecognized_error", "the provider refused for a reason of its own", .ambiguous,
            by: .appAdministrator,
            fix: "read the provider's words above; its documentation explains the code"),
    ]
}
