global using Aspire.Hosting;
global using Aspire.Hosting.ApplicationModel;
global using TalentSphere.Kubernetes.Tests.Manifests;
global using TalentSphere.TestKit;
global using Wrong = (TalentSphere.Kubernetes.Tests.Manifests.Manifest Resource, string Field, string What);
