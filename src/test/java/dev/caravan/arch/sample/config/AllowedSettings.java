package dev.caravan.arch.sample.config;

/** Breaks nothing: a record may have many components. */
public record AllowedSettings(String a, int b, int c, int d, int e, int f, int g) {}
