// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Nothing: the headers that other targets reuse are precompiled for a target, and one has sources.
