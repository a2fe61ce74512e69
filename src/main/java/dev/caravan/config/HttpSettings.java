package dev.caravan.config;

import java.util.Optional;

/** The HTTP door. */
public record HttpSettings(
    @Setting(value = "Address to listen on.", def = "127.0.0.1", aliases = "settings.ui_host")
        String host,
    @Setting(
            value = "Port to listen on; 0 takes a free one.",
            def = "8686",
            aliases = "settings.ui_port",
            min = 0,
            max = 65535)
        int port,
    @Setting(
            value = "Bearer token for /api. Needed on any address but the loopback.",
            aliases = "settings.ui_auth_token")
        Optional<Secret> authToken,
    @Setting(value = "Serve without a token on an address that others reach.", def = "false")
        boolean allowAnonymous,
    @Setting(value = "Answer 403 to every change.", def = "false") boolean readonly) {}
