import KeelBase

extension DeviceFlow {
    /// All that is needed to go on asking, to be sealed while a person consents elsewhere. An outcome is not in it: whoever
    /// has one has no use for the flow.
    package var record: Secret {
        FlowRecord.write(
            .deviceCode,
            [
                ("deviceCode", deviceCode.recordValue), ("userCode", .string(prompt.userCode)),
                ("verificationURI", .string(prompt.verificationURI)),
                ("verificationURIComplete", prompt.verificationURIComplete.map(JSON.string)),
                ("expiresAt", .integer(Int(prompt.expiresAt.seconds))), ("scopes", .array(scopes.map(JSON.string))),
                ("interval", .integer(Int(interval))), ("nextPoll", .integer(Int(nextPoll.seconds))),
                ("silences", .integer(silences)),
            ])
    }

    /// Reads what `record` writes.
    package init(record: Secret) throws(FlowRecordFault) {
        let members = try FlowRecord(reading: record, flow: .deviceCode)
        deviceCode = Secret(copying: try members.text("deviceCode"))
        prompt = DevicePrompt(
            userCode: try members.text("userCode"), verificationURI: try members.text("verificationURI"),
            verificationURIComplete: members.optionalText("verificationURIComplete"),
            expiresAt: Timestamp(seconds: Int64(try members.integer("expiresAt"))))
        scopes = try members.texts("scopes")
        interval = min(max(Int64(try members.integer("interval")), 1), Self.longestInterval)
        nextPoll = Timestamp(seconds: Int64(try members.integer("nextPoll")))
        silences = max(try members.integer("silences"), 0)
    }
}
