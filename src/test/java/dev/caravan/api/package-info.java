/** The description of the API, held against what is served. */
@NullMarked
package dev.caravan.api;

import org.jspecify.annotations.NullMarked;
