extension ProviderPreset {
    /// Any other provider. It says nothing: an issuer's metadata or the manifest says all.
    package static let generic = ProviderPreset(
        name: "generic", version: 1, title: "any other provider", clouds: [],
        remarks: [
            "Give spec.issuer, whose metadata is then asked for, or spec.endpoints; and spec.server with each account."
        ])
}
