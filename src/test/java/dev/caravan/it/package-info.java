/** Tests of the built jar as a process, from outside, against the contract and nothing else. */
@NullMarked
package dev.caravan.it;

import org.jspecify.annotations.NullMarked;
